using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;

namespace TalentSphere.Mesh.Tests.Access;

/// <summary>
/// Tokens that are properly signed with the mesh's own key and wrong in what they say: what an attacker could show who once held the key's output, and what
/// nobody gets past a check of the signature alone. The key is opened as auth opens it: HKDF-SHA256 and AES-256-GCM under the mesh's secret.
/// </summary>
internal sealed class SignedTokens : IDisposable
{
    private const int _nonce = 12;
    private const int _tag = 16;
    private readonly ECDsa _key;
    private readonly string _keyId;

    private SignedTokens(ECDsa key, string keyId) => (_key, _keyId) = (key, keyId);

    public static async Task<SignedTokens> OpenAsync(MeshFixture mesh)
    {
        var connection = (await mesh.Command.RunAsync("connection", "auth")).Output.Trim();
        await using var database = NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand(
            "SELECT id, sealed_private_key FROM signing_keys WHERE not_before <= now() AND (retire_at IS NULL OR retire_at > now()) ORDER BY not_before DESC LIMIT 1");
        await using var reader = await command.ExecuteReaderAsync();
        (await reader.ReadAsync()).ShouldBeTrue();
        var (id, sealedKey) = (reader.GetGuid(0).ToString(), reader.GetFieldValue<byte[]>(1));
        var secret = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(mesh.Command.Parameters["auth-key-encryption-key"] + "="), 32,
            info: "talentsphere.auth.SigningKeyEncryption"u8.ToArray());
        var plain = new byte[sealedKey.Length - _nonce - _tag];
        using var aes = new AesGcm(secret, _tag);
        aes.Decrypt(sealedKey.AsSpan(0, _nonce), sealedKey.AsSpan(_nonce, plain.Length), sealedKey.AsSpan(_nonce + plain.Length), plain, Encoding.UTF8.GetBytes(id));
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(plain, out _);
        return new(key, id);
    }

    /// <summary>A copy of a good token with its claims changed, signed anew.</summary>
    public string Change(string good, Action<JsonObject> change)
    {
        var payload = JsonNode.Parse(Base64Url.DecodeFromChars(good.Split('.')[1]))!.AsObject();
        change(payload);
        return Sign(payload.ToJsonString());
    }

    /// <summary>What must be refused, and why.</summary>
    public IEnumerable<(string Fault, string Token)> Wrong(string good)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        yield return ("expired", Change(good, p => p["exp"] = now - 60));
        yield return ("no exp", Change(good, p => p.Remove("exp")));
        yield return ("not yet valid", Change(good, p => p["nbf"] = now + 600));
        yield return ("another issuer", Change(good, p => p["iss"] = "https://elsewhere.example"));
        yield return ("another audience", Change(good, p => p["aud"] = "another"));
        yield return ("no audience", Change(good, p => p.Remove("aud")));
        yield return ("no subject", Change(good, p => p.Remove("sub")));
        yield return ("no claims", Sign("{}"));
    }

    public void Dispose() => _key.Dispose();

    private string Sign(string payload)
    {
        var content = $"{Encode($$"""{"alg":"ES256","typ":"JWT","kid":"{{_keyId}}"}""")}.{Encode(payload)}";
        return $"{content}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256))}";
    }

    private static string Encode(string part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part));
}

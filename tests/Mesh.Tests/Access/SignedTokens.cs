using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace TalentSphere.Mesh.Tests.Access;

/// <summary>
/// Tokens that are properly signed with the mesh's own key and wrong in what they say: what an attacker could show who once held the key's output, and what
/// nobody gets past a check of the signature alone.
/// </summary>
internal sealed class SignedTokens : IDisposable
{
    private readonly ECDsa _key;
    private readonly string _keyId;

    private SignedTokens(ECDsa key, string keyId) => (_key, _keyId) = (key, keyId);

    public static async Task<SignedTokens> OpenAsync(MeshFixture mesh)
    {
        var (id, secret) = (await SealedKeys.OpenAsync(
            mesh, "auth",
            "SELECT id, sealed_private_key FROM signing_keys WHERE not_before <= now() AND (retire_at IS NULL OR retire_at > now()) ORDER BY not_before DESC LIMIT 1",
            "auth-key-encryption-key", "talentsphere.auth.SigningKeyEncryption")).ShouldHaveSingleItem();
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(secret, out _);
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

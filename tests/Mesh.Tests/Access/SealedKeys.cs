using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace TalentSphere.Mesh.Tests.Access;

/// <summary>Private keys as they lie in a database, opened as their service opens them: HKDF-SHA256 and AES-256-GCM under a secret of the mesh.</summary>
internal static class SealedKeys
{
    private const int _nonce = 12;
    private const int _tag = 16;

    /// <summary>The keys (PKCS #8, DER) that a query names: their id and what is sealed.</summary>
    public static async Task<List<(string Id, byte[] Key)>> OpenAsync(MeshFixture mesh, string service, string query, string parameter, string purpose)
    {
        var secret = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(mesh.Command.Parameters[parameter] + "="), 32, info: Encoding.UTF8.GetBytes(purpose));
        var connection = (await mesh.Command.RunAsync("connection", service)).Output.Trim();
        await using var database = NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand(query);
        await using var reader = await command.ExecuteReaderAsync();
        var keys = new List<(string, byte[])>();
        while (await reader.ReadAsync())
        {
            var (id, sealedKey) = (reader.GetGuid(0).ToString(), reader.GetFieldValue<byte[]>(1));
            var plain = new byte[sealedKey.Length - _nonce - _tag];
            using var aes = new AesGcm(secret, _tag);
            aes.Decrypt(sealedKey.AsSpan(0, _nonce), sealedKey.AsSpan(_nonce, plain.Length), sealedKey.AsSpan(_nonce + plain.Length), plain, Encoding.UTF8.GetBytes(id));
            keys.Add((id, plain));
        }
        return keys;
    }
}

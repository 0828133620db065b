using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Accounts;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Auth.Tokens;

/// <summary>Signs access tokens: JWT (RFC 7519) with ES256 (RFC 7518 §3.4).</summary>
internal sealed class AccessTokens(KeyRing keys, IOptions<TokenOptions> issuer, IOptions<AuthOptions> options, TimeProvider time)
{
    /// <summary>How long a token is good, in seconds.</summary>
    public int ExpiresIn => (int)options.Value.AccessTokenLifetime.TotalSeconds;

    /// <summary>A token for an account's session.</summary>
    public ValueTask<string> IssueAsync(Account account, Guid sessionId, CancellationToken cancellationToken) =>
        IssueAsync(account, sessionId, scopes: null, cancellationToken);

    /// <summary>A token for an account's API key, which may do no more than the scopes say.</summary>
    public ValueTask<string> IssueAsync(Account account, Guid sessionId, IReadOnlyList<string>? scopes, CancellationToken cancellationToken) =>
        IssueAsync(new(account.Id, account.Generation, account.Roles, sessionId, scopes), cancellationToken);

    /// <summary>A token that says this.</summary>
    public async ValueTask<string> IssueAsync(TokenContent token, CancellationToken cancellationToken)
    {
        var (keyId, privateKey) = await keys.SigningKeyAsync(cancellationToken);
        var now = time.GetUtcNow();
        var header = Json(w =>
        {
            w.WriteString("alg", "ES256");
            w.WriteString("typ", "JWT");
            w.WriteString("kid", keyId);
        });
        var payload = Json(w =>
        {
            w.WriteString("iss", issuer.Value.Issuer);
            w.WriteString("aud", issuer.Value.Audience);
            w.WriteString("sub", token.Subject);
            w.WriteString(Revocations.SessionClaim, token.SessionId);
            w.WriteNumber(Revocations.GenerationClaim, token.Generation);
            w.WriteString("jti", Guid.CreateVersion7());
            w.WriteStartArray("roles");
            foreach (var role in token.Roles)
                w.WriteStringValue(role);
            w.WriteEndArray();
            if (token.Scopes is not null)
                w.WriteString("scope", string.Join(' ', token.Scopes));
            w.WriteNumber("iat", now.ToUnixTimeSeconds());
            w.WriteNumber("exp", (now + options.Value.AccessTokenLifetime).ToUnixTimeSeconds());
        });
        var content = $"{header}.{payload}";
        // Made for each token: an ECDsa is not promised to be safe between threads, and importing costs a fraction of signing.
        using var signer = ECDsa.Create(privateKey);
        return $"{content}.{Base64Url.EncodeToString(signer.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256))}";
    }

    private static string Json(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }
}

/// <summary>What a token says beside its times.</summary>
/// <param name="Subject">Whose it is.</param>
/// <param name="Generation">That of the account's tokens.</param>
/// <param name="Roles">What its subject is.</param>
/// <param name="SessionId">With what it ends.</param>
/// <param name="Scopes">What it may do; null: all that the roles allow.</param>
internal sealed record TokenContent(Guid Subject, int Generation, IReadOnlyList<string> Roles, Guid SessionId, IReadOnlyList<string>? Scopes);

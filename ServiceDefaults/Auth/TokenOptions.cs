using System.ComponentModel.DataAnnotations;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>Which access tokens this process believes. Configuration section <c>Auth</c>.</summary>
public sealed record TokenOptions
{
    /// <summary>The <c>iss</c> that a token must carry: the public address of the platform.</summary>
    [Required]
    public string Issuer { get; init; } = "https://talentsphere.example";

    /// <summary>The <c>aud</c> that a token must carry.</summary>
    [Required]
    public string Audience { get; init; } = "talentsphere";

    /// <summary>
    /// Where the public keys are read (RFC 7517). Null: the <c>auth</c> service as the mesh names it,
    /// <c>services:auth:http:0</c> + <c>/.well-known/jwks.json</c>.
    /// </summary>
    public string? KeySetAddress { get; init; }

    /// <summary>How often keys and revocations are read: together with one request's time the bound for a revoked token to be refused everywhere.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many tokens that were found good are remembered, at most twice as many; 0 checks every signature every time.</summary>
    [Range(0, 1_000_000)]
    public int CachedTokens { get; init; } = 10_000;
}

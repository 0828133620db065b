using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace TalentSphere.TestKit;

/// <summary>Real access tokens: signed with a key of the test run's own, which a real key set address publishes.</summary>
public static class TestTokens
{
    /// <summary>The issuer that test services trust.</summary>
    public const string Issuer = "https://test.talentsphere.example";

    /// <summary>The audience that test services trust.</summary>
    public const string Audience = "talentsphere";

    private static readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly ECDsaSecurityKey _securityKey = new(_key) { KeyId = "test-key" };
    private static readonly Lazy<Task<string>> _keySetAddress = new(PublishAsync);

    /// <summary>Where the public key is published (RFC 7517).</summary>
    public static Task<string> KeySetAddressAsync() => _keySetAddress.Value;

    /// <summary>The public key, for forging tokens with it.</summary>
    public static byte[] PublicKey => _key.ExportSubjectPublicKeyInfo();

    /// <summary>A token that every test service accepts.</summary>
    public static string Mint(Guid userId, params string[] roles) => Mint(userId, roles, TimeSpan.FromMinutes(15));

    /// <summary>A token of an account that belongs to a tenant.</summary>
    public static string MintForTenant(Guid userId, string tenant, params string[] roles) => Mint(userId, roles, TimeSpan.FromMinutes(15), tenant: tenant);

    /// <summary>A token of a chosen life span, issuer and audience.</summary>
    public static string Mint(
        Guid userId, string[] roles, TimeSpan lifetime, string issuer = Issuer, string audience = Audience, DateTime? notBefore = null, string? tenant = null)
    {
        var now = DateTime.UtcNow;
        var token = new JwtSecurityToken(
            issuer, audience,
            [
                new Claim(JwtRegisteredClaimNames.Sub, userId.ToString()),
                new Claim(JwtRegisteredClaimNames.Jti, Guid.CreateVersion7().ToString()),
                .. roles.Select(r => new Claim("roles", r)),
                .. tenant is null ? Array.Empty<Claim>() : [new Claim("tenant", tenant)],
            ],
            notBefore ?? (lifetime < TimeSpan.Zero ? now + lifetime - TimeSpan.FromMinutes(1) : now.AddSeconds(-1)), now + lifetime,
            new SigningCredentials(_securityKey, SecurityAlgorithms.EcdsaSha256));
        return new JwtSecurityTokenHandler().WriteToken(token);
    }

    /// <summary>Tokens that must all be answered with 401: what is wrong, and the token.</summary>
    public static IReadOnlyList<(string Fault, string Token)> Forged(Guid userId, params string[] roles)
    {
        var good = Mint(userId, roles).Split('.');
        var none = Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""");
        var hmacHeader = Base64UrlEncoder.Encode("""{"alg":"HS256","typ":"JWT","kid":"test-key"}""");
        var hmac = Base64UrlEncoder.Encode(HMACSHA256.HashData(PublicKey, System.Text.Encoding.ASCII.GetBytes($"{hmacHeader}.{good[1]}")));
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var foreign = new JwtSecurityTokenHandler().WriteToken(new JwtSecurityToken(
            Issuer, Audience, [new Claim("sub", userId.ToString())], DateTime.UtcNow.AddSeconds(-1), DateTime.UtcNow.AddMinutes(5),
            new SigningCredentials(new ECDsaSecurityKey(stranger) { KeyId = "test-key" }, SecurityAlgorithms.EcdsaSha256)
            {
                // The default factory remembers signers by kid: it would sign with our own key.
                CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
            }));
        return
        [
            ("alg none", $"{none}.{good[1]}."),
            ("HS256 with the public key", $"{hmacHeader}.{good[1]}.{hmac}"),
            ("another key under our kid", foreign),
            ("expired", Mint(userId, roles, TimeSpan.FromMinutes(-10))),
            ("wrong issuer", Mint(userId, roles, TimeSpan.FromMinutes(5), issuer: "https://elsewhere.example")),
            ("wrong audience", Mint(userId, roles, TimeSpan.FromMinutes(5), audience: "another")),
            ("not yet valid", Mint(userId, roles, TimeSpan.FromMinutes(30), notBefore: DateTime.UtcNow.AddMinutes(10))),
            ("payload changed", $"{good[0]}.{Base64UrlEncoder.Encode($$"""{"sub":"{{userId}}","roles":["admin"],"iss":"{{Issuer}}","aud":"{{Audience}}","exp":99999999999}""")}.{good[2]}"),
            ("garbage", "garbage"),
            ("garbage in three parts", "a.b.c"),
        ];
    }

    private static async Task<string> PublishAsync()
    {
        var parameters = _key.ExportParameters(includePrivateParameters: false);
        var keySet = new
        {
            keys = new[]
            {
                new
                {
                    kty = "EC", crv = "P-256", use = "sig", alg = "ES256", kid = "test-key",
                    x = Base64UrlEncoder.Encode(parameters.Q.X), y = Base64UrlEncoder.Encode(parameters.Q.Y),
                },
            },
        };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/.well-known/jwks.json", () => Results.Json(keySet));
        app.MapGet("/internal/revocations", () => Results.Json(new { cursor = "0", entries = Array.Empty<object>() }));
        await app.StartAsync();
        return app.Urls.First() + "/.well-known/jwks.json";
    }
}

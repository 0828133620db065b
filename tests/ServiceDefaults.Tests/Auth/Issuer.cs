using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Tests.Auth;

/// <summary>Publishes keys and revocations as auth does, and signs.</summary>
internal sealed class Issuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private volatile ECDsaSecurityKey _key = NewKey();
    private volatile IReadOnlyList<Revocation> _revoked = [];

    private Issuer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/.well-known/jwks.json", () => Results.Json(new { keys = new[] { Published() } }));
        _app.MapGet("/internal/revocations", () => Results.Json(new RevocationPage("0", _revoked), ApiJson.Options));
    }

    public string KeySetAddress => _app.Urls.First() + "/.well-known/jwks.json";

    public static async Task<Issuer> StartAsync()
    {
        var issuer = new Issuer();
        await issuer._app.StartAsync();
        return issuer;
    }

    /// <summary>From here on another key signs, and the one before is believed no more.</summary>
    public void ReplaceKey() => _key = NewKey();

    /// <summary>Makes everything worthless that the person holds.</summary>
    public void Revoke(Guid subject) => _revoked = [.. _revoked, new(subject, null, int.MaxValue, DateTime.UtcNow.AddMinutes(15))];

    public string Mint(Guid subject, TimeSpan? life = null)
    {
        var now = DateTime.UtcNow;
        return new JwtSecurityTokenHandler().WriteToken(new JwtSecurityToken(
            "https://talentsphere.example", "talentsphere", [new Claim("sub", subject.ToString()), new Claim("jti", Guid.CreateVersion7().ToString())],
            now.AddSeconds(-1), now + (life ?? TimeSpan.FromMinutes(15)), new SigningCredentials(_key, SecurityAlgorithms.EcdsaSha256)));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.ECDsa.Dispose();
    }

    private static ECDsaSecurityKey NewKey() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = Guid.CreateVersion7().ToString() };

    private object Published()
    {
        var point = _key.ECDsa.ExportParameters(includePrivateParameters: false).Q;
        return new { kty = "EC", crv = "P-256", use = "sig", alg = "ES256", kid = _key.KeyId, x = Base64UrlEncoder.Encode(point.X), y = Base64UrlEncoder.Encode(point.Y) };
    }
}

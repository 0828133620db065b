using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using Microsoft.IdentityModel.Tokens;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>
/// Reads access tokens: ES256 under a key of ours by its name and nothing else, decided from the header before any key is tried, so that neither <c>none</c>
/// nor an HMAC keyed with the public key is ever considered (RFC 8725 §3.1).
/// </summary>
internal sealed class AccessTokenHandler : JwtSecurityTokenHandler
{
    private readonly ValidatedTokens _validated;

    /// <param name="validated">Where good tokens are remembered.</param>
    public AccessTokenHandler(ValidatedTokens validated)
    {
        _validated = validated;
        MapInboundClaims = false;
        MaximumTokenSizeInBytes = 8 * 1024;
    }

    public override ClaimsPrincipal ValidateToken(string token, TokenValidationParameters validationParameters, out SecurityToken validatedToken)
    {
        try
        {
            return Check(token, validationParameters, out validatedToken);
        }
        catch (Exception e) when (e is not SecurityTokenException)
        {
            // A header or payload that is null, or a time that is an object, meets the reader unprepared. It is the token's fault all the same:
            // taken for a fault of ours, it would let anybody produce 503s.
            throw new SecurityTokenValidationException("The token cannot be read.", e);
        }
    }

    private ClaimsPrincipal Check(string token, TokenValidationParameters parameters, out SecurityToken validatedToken)
    {
        if (token.Length > MaximumTokenSizeInBytes)
            throw new SecurityTokenValidationException("The token is too long.");
        var digest = ValidatedTokens.DigestOf(token);
        if (_validated.Find(digest) is { } known && known.IsAlive(parameters.ClockSkew) && known.IsSignedBy(parameters.IssuerSigningKeys))
        {
            validatedToken = known.Token;
            return new ClaimsPrincipal(known.Identity);
        }
        var header = ReadJwtToken(token).Header;
        if (header.Alg != SecurityAlgorithms.EcdsaSha256)
            throw new SecurityTokenInvalidSignatureException("Only ES256 is accepted.");
        if (header.Kid is not { } keyId || !IsKnown(keyId, parameters))
            throw new SecurityTokenSignatureKeyNotFoundException("The token names no key of ours.");
        var principal = base.ValidateToken(token, parameters, out validatedToken);
        if (!Guid.TryParse(principal.FindFirst(JwtRegisteredClaimNames.Sub)?.Value, out _))
            throw new SecurityTokenValidationException("The token names no subject.");
        _validated.Keep(digest, new((ClaimsIdentity)principal.Identity!, validatedToken, keyId));
        return principal;
    }

    private static bool IsKnown(string keyId, TokenValidationParameters parameters) => parameters.IssuerSigningKeys?.Any(k => k.KeyId == keyId) == true;
}

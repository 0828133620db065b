using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using Microsoft.IdentityModel.Tokens;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>
/// Reads access tokens: ES256 and nothing else, decided from the header before any key is tried, so that neither <c>none</c> nor an
/// HMAC keyed with the public key is ever considered (RFC 8725 §3.1).
/// </summary>
internal sealed class AccessTokenHandler : JwtSecurityTokenHandler
{
    public AccessTokenHandler()
    {
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

    private ClaimsPrincipal Check(string token, TokenValidationParameters validationParameters, out SecurityToken validatedToken)
    {
        var header = ReadJwtToken(token).Header;
        if (header.Alg != SecurityAlgorithms.EcdsaSha256)
            throw new SecurityTokenInvalidSignatureException("Only ES256 is accepted.");
        var principal = base.ValidateToken(token, validationParameters, out validatedToken);
        if (!Guid.TryParse(principal.FindFirst(JwtRegisteredClaimNames.Sub)?.Value, out _))
            throw new SecurityTokenValidationException("The token names no subject.");
        return principal;
    }
}

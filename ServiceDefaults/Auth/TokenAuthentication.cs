using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>Bearer tokens: every process checks signature, issuer, audience and expiry itself, whoever called it.</summary>
internal static partial class TokenAuthentication
{
    private const string _hubPath = "/hubs";

    public static void AddTokenAuthentication(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<TokenOptions>().BindConfiguration("Auth").ValidateDataAnnotations().ValidateOnStart();
        // The parts of AddAuthentication that bearer tokens need. The whole of it brings data protection, which writes a key ring to disk
        // that nothing here uses.
        builder.Services.AddAuthenticationCore(o => o.DefaultScheme = JwtBearerDefaults.AuthenticationScheme);
        builder.Services.AddWebEncoders();
#pragma warning disable CS0618 // The bearer handler's version still asks for the clock that TimeProvider replaced.
        builder.Services.TryAddSingleton<ISystemClock, SystemClock>();
#pragma warning restore CS0618
        new AuthenticationBuilder(builder.Services).AddJwtBearer();
        builder.Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<IOptions<TokenOptions>, IConfiguration>((bearer, token, configuration) => Configure(bearer, token.Value, configuration));
        // No fallback policy: it would answer unknown paths with 401. A route that decided nothing fails the start instead.
        builder.Services.AddAuthorization();
    }

    private static void Configure(JwtBearerOptions bearer, TokenOptions token, IConfiguration configuration)
    {
        var address = token.KeySetAddress
            ?? (configuration["services:auth:http:0"] ?? "http://127.0.0.1:1").TrimEnd('/') + "/.well-known/jwks.json";
        bearer.ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(
            address, new KeySetRetriever(), new HttpDocumentRetriever(new HttpClient { Timeout = TimeSpan.FromSeconds(5) }) { RequireHttps = false })
        {
            RefreshInterval = TimeSpan.FromSeconds(5),
            AutomaticRefreshInterval = TimeSpan.FromMinutes(10),
        };
        bearer.RefreshOnIssuerKeyNotFound = true;
        bearer.RequireHttpsMetadata = false;
        bearer.SaveToken = false;
        bearer.SecurityTokenValidators.Clear();
        bearer.SecurityTokenValidators.Add(new AccessTokenHandler());
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = token.Issuer,
            ValidAudience = token.Audience,
            ValidateIssuer = true,
            ValidateAudience = true,
            ValidateLifetime = true,
            ValidateIssuerSigningKey = true,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ClockSkew = TimeSpan.FromSeconds(5),
            NameClaimType = JwtRegisteredClaimNames.Sub,
            RoleClaimType = ClaimsPrincipalExtensions.RoleClaim,
        };
        bearer.Events = new JwtBearerEvents
        {
            OnMessageReceived = context =>
            {
                // A browser cannot set a header on a WebSocket: hubs take the token from the query (SignalR's convention).
                if (context.Request.Path.StartsWithSegments(_hubPath) && context.Request.Query.TryGetValue("access_token", out var fromQuery))
                    context.Token = fromQuery;
                return Task.CompletedTask;
            },
            OnTokenValidated = context =>
            {
                // What outlives a request (a WebSocket) ends with the token.
                context.Properties.ExpiresUtc = new DateTimeOffset(context.SecurityToken.ValidTo, TimeSpan.Zero);
                return Task.CompletedTask;
            },
            OnAuthenticationFailed = context =>
            {
                // Not being able to read the keys says nothing about the token: the caller is told to come back, not to sign in again.
                if (context.Exception is not (SecurityTokenException or ArgumentException or FormatException))
                {
                    context.HttpContext.Features.Set(new KeysUnavailable());
                    KeysAway(context.HttpContext.RequestServices.GetRequiredService<ILogger<KeysUnavailable>>(), context.Exception.GetBaseException().Message);
                }
                context.Fail(context.Exception);
                return Task.CompletedTask;
            },
            OnChallenge = ChallengeAsync,
            OnForbidden = context => Api.Forbidden().ExecuteAsync(context.HttpContext),
        };
    }

    private static Task ChallengeAsync(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        if (context.HttpContext.Features.Get<KeysUnavailable>() is not null)
        {
            return Api.Problem(StatusCodes.Status503ServiceUnavailable, "AUTH_UNAVAILABLE", "Tokens cannot be checked at the moment.")
                .RetryAfter(TimeSpan.FromSeconds(2)).ExecuteAsync(context.HttpContext);
        }
        var (code, message, wwwAuthenticate) = context.AuthenticateFailure switch
        {
            null => ("AUTH_REQUIRED", "Sign in first.", "Bearer"),
            SecurityTokenExpiredException => ("AUTH_002", "The access token has expired.", "Bearer error=\"invalid_token\", error_description=\"expired\""),
            _ => ("AUTH_TOKEN_INVALID", "The access token is not valid.", "Bearer error=\"invalid_token\""),
        };
        context.Response.Headers.WWWAuthenticate = wwwAuthenticate;
        return Api.Unauthorized(code, message).ExecuteAsync(context.HttpContext);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The key set cannot be read: {Reason}")]
    private static partial void KeysAway(ILogger logger, string reason);

    private sealed class KeysUnavailable;
}

/// <summary>Reads the identity that a validated token carries.</summary>
public static class ClaimsPrincipalExtensions
{
    /// <summary>The claim that holds the roles.</summary>
    public const string RoleClaim = "roles";

    /// <summary>The signed-in account's id (<c>sub</c>).</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in: the route lacks its policy.</exception>
    public static Guid UserId(this ClaimsPrincipal user) =>
        user.FindUserId() ?? throw new InvalidOperationException("Nobody is signed in on this route.");

    /// <summary>The signed-in account's id, or null for an anonymous caller.</summary>
    public static Guid? FindUserId(this ClaimsPrincipal user) =>
        Guid.TryParse(user.FindFirst(JwtRegisteredClaimNames.Sub)?.Value, out var id) ? id : null;

    /// <summary>The roles of the token.</summary>
    public static IReadOnlyList<string> Roles(this ClaimsPrincipal user) => [.. user.FindAll(RoleClaim).Select(c => c.Value)];
}

using System.Buffers.Text;
using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
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
public static partial class TokenAuthentication
{
    internal const string HubPath = "/hubs";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    internal static void AddTokenAuthentication(this IHostApplicationBuilder builder)
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
            .Configure<IOptions<TokenOptions>, KeySet, ValidatedTokens>((bearer, token, keys, validated) => Configure(bearer, token.Value, keys, validated));
        builder.Services.AddSingleton(services => new ValidatedTokens(services.GetRequiredService<IOptions<TokenOptions>>().Value.CachedTokens));
        builder.Services.Replace(ServiceDescriptor.Singleton<IAuthenticationService, KnownTokens>());
        builder.Services.AddScoped<AuthenticationService>();
        builder.Services.AddSingleton<Revocations>();
        builder.Services.AddSingleton<OpenStreams>();
        builder.Services.AddSingleton(services => new KeySet(KeySetAddress(services), new HttpClient { Timeout = _patience }, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<IRevocationSource>(services => new RemoteRevocations(
            new Uri(KeySetAddress(services), RemoteRevocations.Path), new HttpClient { Timeout = _patience }));
        builder.Services.AddHostedService<FollowAuth>();
        // No fallback policy: it would answer unknown paths with 401. A route that decided nothing fails the start instead.
        builder.Services.AddAuthorization();
        builder.Services.AddSingleton<IAuthorizationHandler, TokenScopesHandler>();
        builder.Services.KeepAuthorizationParts();
    }

    /// <summary>The framework makes each part of the authorization anew for every request, though none of them knows anything about it.</summary>
    private static void KeepAuthorizationParts(this IServiceCollection services)
    {
        var parts = services.Where(s => s.Lifetime == ServiceLifetime.Transient && s.ImplementationType?.Namespace?.StartsWith("Microsoft.AspNetCore.Authorization", StringComparison.Ordinal) == true);
        foreach (var part in parts.ToList())
            services[services.IndexOf(part)] = ServiceDescriptor.Singleton(part.ServiceType, part.ImplementationType!);
    }

    /// <summary>For auth itself, which holds the keys and the revocations: it does not ask itself over HTTP.</summary>
    public static IServiceCollection UseOwnKeys<TKeys, TRevocations>(this IServiceCollection services)
        where TKeys : class, IConfigurationManager<OpenIdConnectConfiguration>
        where TRevocations : class, IRevocationSource
    {
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).PostConfigure<TKeys>((bearer, keys) => bearer.ConfigurationManager = keys);
        services.Replace(ServiceDescriptor.Singleton<IRevocationSource, TRevocations>());
        return services;
    }

    private static Uri KeySetAddress(IServiceProvider services) => new(services.GetRequiredService<IOptions<TokenOptions>>().Value.KeySetAddress
        ?? (services.GetRequiredService<IConfiguration>()["services:auth:http:0"] ?? "http://127.0.0.1:1").TrimEnd('/') + "/.well-known/jwks.json");

    private static void Configure(JwtBearerOptions bearer, TokenOptions token, KeySet keys, ValidatedTokens validated)
    {
        bearer.ConfigurationManager = keys;
        bearer.RefreshOnIssuerKeyNotFound = false;
        bearer.RequireHttpsMetadata = false;
        bearer.SaveToken = false;
        bearer.SecurityTokenValidators.Clear();
        bearer.SecurityTokenValidators.Add(new AccessTokenHandler(validated));
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
            OnMessageReceived = async context =>
            {
                // A browser cannot set a header on a WebSocket: hubs take the token from the query (SignalR's convention).
                if (context.Request.Path.StartsWithSegments(HubPath) && context.Request.Query.TryGetValue("access_token", out var fromQuery))
                    context.Token = fromQuery;
                // A key that nobody has told of yet may be a new one; asked for now, its first token is not refused.
                if (context.Options.ConfigurationManager is KeySet keys && KeyIdOf(context.Token ?? BearerOf(context.Request)) is { } keyId)
                    await keys.DemandAsync(keyId, context.HttpContext.RequestAborted);
            },
            OnTokenValidated = async context =>
            {
                // What outlives a request (a WebSocket) ends with the token.
                context.Properties.ExpiresUtc = new DateTimeOffset(context.SecurityToken.ValidTo, TimeSpan.Zero);
                context.HttpContext.Features.Set(new AcceptedToken(context.Principal!, (context.SecurityToken as JwtSecurityToken)?.Header.Kid, context.SecurityToken.ValidTo));
                var revocations = context.HttpContext.RequestServices.GetRequiredService<Revocations>();
                if (!revocations.Known.IsCompleted && await Task.WhenAny(revocations.Known, Task.Delay(_patience, context.HttpContext.RequestAborted)) != revocations.Known)
                {
                    context.HttpContext.Features.Set(new KeysUnavailable());
                    context.Fail("It is not known yet which tokens were revoked.");
                }
                else if (revocations.Covers(context.Principal!))
                {
                    context.Fail(new TokenRevokedException());
                }
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
            OnForbidden = ForbidAsync,
        };
    }

    private static Task ForbidAsync(ForbiddenContext context)
    {
        if (context.HttpContext.Features.Get<InsufficientScope>() is not { } missing)
            return Api.Forbidden().ExecuteAsync(context.HttpContext);
        // RFC 6750 §3.1
        context.Response.Headers.WWWAuthenticate = $"Bearer error=\"insufficient_scope\", scope=\"{missing.Needed}\"";
        return Api.Forbidden("AUTH_SCOPE_INSUFFICIENT", $"This token's scope does not include {missing.Needed}.").ExecuteAsync(context.HttpContext);
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
            TokenRevokedException => ("AUTH_TOKEN_REVOKED", "The access token was revoked: refresh it, or sign in again.", "Bearer error=\"invalid_token\", error_description=\"revoked\""),
            SecurityTokenExpiredException => ("AUTH_002", "The access token has expired.", "Bearer error=\"invalid_token\", error_description=\"expired\""),
            _ => ("AUTH_TOKEN_INVALID", "The access token is not valid.", "Bearer error=\"invalid_token\""),
        };
        context.Response.Headers.WWWAuthenticate = wwwAuthenticate;
        return Api.Unauthorized(code, message).ExecuteAsync(context.HttpContext);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The key set cannot be read: {Reason}")]
    private static partial void KeysAway(ILogger logger, string reason);

    private static string? BearerOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : null;
    }

    /// <summary>The <c>kid</c> that a token's header names; null when it cannot be read.</summary>
    private static string? KeyIdOf(string? token)
    {
        // A header of ours has some hundred characters.
        if (token?.IndexOf('.') is not (> 0 and < 1024 and var end))
            return null;
        try
        {
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(token.AsSpan(0, end)));
            return header.RootElement.ValueKind == JsonValueKind.Object && header.RootElement.TryGetProperty("kid", out var keyId) && keyId.ValueKind == JsonValueKind.String
                ? keyId.GetString() : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private sealed class KeysUnavailable;

    private sealed class TokenRevokedException() : SecurityTokenException("The token was revoked.");
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

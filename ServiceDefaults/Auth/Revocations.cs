using System.Collections.Concurrent;
using System.Globalization;
using System.IdentityModel.Tokens.Jwt;
using System.Net.Http.Json;
using System.Security.Claims;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>Access tokens that are dead before their time: all of a session, or all of an account that are older than a generation.</summary>
/// <param name="Subject">The account.</param>
/// <param name="Session">The session that ended; null when it is about the account.</param>
/// <param name="Generation">Tokens of the account with a lower <c>gen</c> are dead; null when it is about one session.</param>
/// <param name="Until">UTC; from here on no such token is alive anyway.</param>
public sealed record Revocation(Guid Subject, Guid? Session, int? Generation, DateTime Until);

/// <summary>What was revoked, as its owner tells it.</summary>
/// <param name="Cursor">Where to go on reading; opaque.</param>
/// <param name="Entries">In no order; an entry may come again.</param>
public sealed record RevocationPage(string Cursor, IReadOnlyList<Revocation> Entries);

/// <summary>Where revocations are read from.</summary>
public interface IRevocationSource
{
    /// <summary>Reads what was revoked.</summary>
    /// <param name="after">The cursor of the page before; null for everything that still matters.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<RevocationPage> ReadAsync(string? after, CancellationToken cancellationToken);
}

/// <summary>Reads them from auth.</summary>
internal sealed class RemoteRevocations(Uri address, HttpClient http) : IRevocationSource
{
    public const string Path = "/internal/revocations";

    public async Task<RevocationPage> ReadAsync(string? after, CancellationToken cancellationToken)
    {
        var uri = after is null ? address : new Uri($"{address}?after={Uri.EscapeDataString(after)}");
        return await http.GetFromJsonAsync<RevocationPage>(uri, ApiJson.Options, cancellationToken)
            ?? throw new HttpRequestException("The list of revocations is empty.");
    }
}

/// <summary>
/// What this process knows of revoked tokens. Its size is bounded by what is revoked within the life of an access token: older entries are dropped.
/// </summary>
public sealed class Revocations(TimeProvider time)
{
    /// <summary>The claim that counts what made all older tokens of an account worthless: another role, another password, a block.</summary>
    public const string GenerationClaim = "gen";

    /// <summary>The claim that names the session (OpenID Connect Front-Channel Logout §3).</summary>
    public const string SessionClaim = "sid";

    private readonly ConcurrentDictionary<Guid, DateTime> _sessions = new();
    private readonly ConcurrentDictionary<Guid, (int Generation, DateTime Until)> _accounts = new();
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the list was read for the first time. Nobody is believed before.</summary>
    public Task Known => _known.Task;

    /// <summary>True when the token is dead before its time.</summary>
    public bool Covers(ClaimsPrincipal user) => Covers(TokenOrigin.Of(user));

    /// <summary>The same of a token whose claims were read before.</summary>
    internal bool Covers(TokenOrigin token) => (token.Session is { } session && _sessions.ContainsKey(session))
        || (token.Subject is { } subject && _accounts.TryGetValue(subject, out var least) && token.Generation < least.Generation);

    /// <summary>Takes in what was read; what is known already changes nothing.</summary>
    public void Learn(IReadOnlyList<Revocation> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (var entry in entries)
            Add(entry);
        Forget();
        _known.TrySetResult();
    }

    private void Add(Revocation entry)
    {
        if (entry.Session is { } session)
        {
            _sessions[session] = entry.Until;
            return;
        }
        var least = (Generation: entry.Generation ?? int.MaxValue, entry.Until);
        _accounts.AddOrUpdate(entry.Subject, least, (_, known) => known.Generation > least.Generation ? known : least);
    }

    private void Forget()
    {
        var now = time.GetUtcNow().UtcDateTime;
        foreach (var (session, until) in _sessions)
        {
            if (until < now)
                _sessions.TryRemove(session, out _);
        }
        foreach (var (subject, least) in _accounts)
        {
            if (least.Until < now)
                _accounts.TryRemove(new(subject, least));
        }
    }
}

/// <summary>Whom a token was given to, and on what: what revocations are about.</summary>
/// <param name="Subject">The account; null when the token names none.</param>
/// <param name="Session">The session; null for a token without one.</param>
/// <param name="Generation">Of the account's tokens, from 0.</param>
internal sealed record TokenOrigin(Guid? Subject, Guid? Session, int Generation)
{
    public static TokenOrigin Of(ClaimsPrincipal user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return new(
            Guid.TryParse(user.FindFirst(JwtRegisteredClaimNames.Sub)?.Value, out var subject) ? subject : null,
            Guid.TryParse(user.FindFirst(Revocations.SessionClaim)?.Value, out var session) ? session : null,
            int.TryParse(user.FindFirst(Revocations.GenerationClaim)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var generation) ? generation : 0);
    }
}

using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>
/// Asks auth every few seconds for its keys and for what it revoked. While auth is away the last answer stands: nothing can be revoked meanwhile, and no
/// new key signs. Then cuts off what is open under a token that no longer is good.
/// </summary>
internal sealed partial class FollowAuth(
    IRevocationSource source, Revocations revocations, OpenStreams streams, IOptions<TokenOptions> options, IOptionsMonitor<JwtBearerOptions> bearer,
    TimeProvider time, ILogger<FollowAuth> logger) : BackgroundService
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _bootTime = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // These questions belong to no request.
        using var quiet = SuppressInstrumentationScope.Begin();
        string? cursor = null;
        IReadOnlySet<string>? published = null;
        var manager = bearer.Get(JwtBearerDefaults.AuthenticationScheme).ConfigurationManager;
        var (away, pause) = (false, _firstPause);
        // Auth may start beside us.
        var patience = time.GetUtcNow() + _bootTime;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var page = await source.ReadAsync(cursor, stoppingToken);
                revocations.Learn(page.Entries);
                cursor = page.Cursor;
                if (manager is KeySet keys)
                    await keys.RefreshAsync(stoppingToken);
                if (manager is not null)
                    published = (await manager.GetConfigurationAsync(stoppingToken)).SigningKeys.Select(k => k.KeyId).ToHashSet();
                (away, pause) = (false, options.Value.PollInterval);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Before the first answer nobody is believed: that is worth asking oftener.
                if (cursor is null)
                    pause = pause < options.Value.PollInterval ? pause * 1.5 : options.Value.PollInterval;
                if (!away && cursor is not null)
                    Away(logger, e.GetBaseException().Message);
                else if (!away && time.GetUtcNow() > patience)
                    NeverThere(logger, e.GetBaseException().Message);
                away = cursor is not null || time.GetUtcNow() > patience;
            }
            streams.EndRefused(published);
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Revocations were never read yet, every token is refused with 503: {Reason}")]
    private static partial void NeverThere(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Keys and revocations cannot be read, the last ones stand: {Reason}")]
    private static partial void Away(ILogger logger, string reason);
}

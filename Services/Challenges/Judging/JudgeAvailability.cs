using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Challenges.Judging;

/// <summary>What is known of the judge: whether it takes work, how much, and in which languages. Asked in the background, often while it is away.</summary>
internal sealed partial class JudgeAvailability(
    JudgeClient judge, QueueSignal signal, IOptions<JudgeOptions> options, TimeProvider time, ILogger<JudgeAvailability> logger) : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> _doubts = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile JudgeLanguages? _known;
    private volatile string _reason = "it was not asked yet";

    /// <summary>What the judge can do; null while it takes nothing.</summary>
    public JudgeLanguages? Ready => _known is { MayJudge: true, Slots: > 0 } known ? known : null;

    /// <summary>The languages that it can run now.</summary>
    public IReadOnlyList<string> Languages => Ready is { } ready ? [.. ready.Languages.Where(l => l.Available).Select(l => l.Id)] : [];

    /// <summary>Somebody found it away: nothing is handed to it before it was asked again.</summary>
    public void Doubt(JudgeUnavailableException cause)
    {
        if (cause.Reason != JudgeClient.LanguageUnavailable)
            Learn(null, cause.Message);
        _doubts.Writer.TryWrite(true);
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Ready is null ? HealthCheckResult.Degraded(_reason) : HealthCheckResult.Healthy());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = new GrowingPause(_firstPause, _longestPause, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var languages = await judge.LanguagesAsync(stoppingToken);
                Learn(languages, languages.MayJudge ? "it has no slot at all" : languages.Reason ?? "it may not judge");
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Learn(null, e.Message);
            }
            if (Ready is null)
            {
                await pause.WaitAsync(stoppingToken);
            }
            else
            {
                pause.Reset();
                await DoubtOrAsync(options.Value.Watch, stoppingToken);
            }
            _doubts.Reader.TryRead(out _);
        }
    }

    private async Task DoubtOrAsync(TimeSpan pause, CancellationToken stoppingToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(_doubts.Reader.WaitToReadAsync(both.Token).AsTask(), Task.Delay(pause, time, both.Token));
        await both.CancelAsync();
        stoppingToken.ThrowIfCancellationRequested();
    }

    private void Learn(JudgeLanguages? languages, string reason)
    {
        var before = Ready;
        _reason = reason;
        _known = languages;
        switch (before, Ready)
        {
            case (null, { } now):
                Here(logger, now.Slots);
                break;
            case ({ }, null):
                Away(logger, reason);
                break;
        }
        if (Ready is not null)
            signal.Wake();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The judge is here, with {Slots} slots")]
    private static partial void Here(ILogger logger, int slots);

    [LoggerMessage(Level = LogLevel.Warning, Message = "There is no judge, submissions stay queued: {Reason}")]
    private static partial void Away(ILogger logger, string reason);
}

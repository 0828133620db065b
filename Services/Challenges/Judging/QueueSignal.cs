using System.Threading.Channels;
using Npgsql;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Challenges.Judging;

/// <summary>Wakes the dispatcher of this process.</summary>
internal sealed class QueueSignal(TimeProvider time)
{
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Wakes it when something that has to wait is due.</summary>
    public void WakeIn(TimeSpan pause) => _ = WakeAfterAsync(pause);

    /// <summary>Takes a wake-up, or gives up waiting for one.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_wake.Reader.WaitToReadAsync(both.Token).AsTask(), Task.Delay(atMost, time, both.Token));
        await both.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        _wake.Reader.TryRead(out _);
    }

    private async Task WakeAfterAsync(TimeSpan pause)
    {
        await Task.Delay(pause, time);
        Wake();
    }
}

/// <summary>Hears of what any replica queued, as it commits (PostgreSQL's LISTEN). While that fails the dispatcher looks by itself now and then.</summary>
internal sealed partial class HearOfSubmissions(NpgsqlDataSource database, QueueSignal signal, TimeProvider time, ILogger<HearOfSubmissions> logger) : BackgroundService
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = new GrowingPause(_firstPause, _longestPause, time);
        while (true)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                connection.Notification += (_, _) => signal.Wake();
                await using (var listen = new NpgsqlCommand("LISTEN " + SubmissionQueue.Channel, connection))
                    await listen.ExecuteNonQueryAsync(stoppingToken);
                pause.Reset();
                // What was queued before anybody listened.
                signal.Wake();
                while (true)
                    await connection.WaitAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Deaf(logger, e.Message);
                await pause.WaitAsync(stoppingToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "New submissions are not heard of at once: {Reason}")]
    private static partial void Deaf(ILogger logger, string reason);
}

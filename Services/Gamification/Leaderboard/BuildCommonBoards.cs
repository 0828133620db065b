using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Gamification.Leaderboard;

/// <summary>
/// After every start: the boards that everybody looks at are built if Redis lost them. While Redis is away or slow it is tried again, with growing
/// pauses; readers are answered from the database meanwhile.
/// </summary>
internal sealed partial class BuildCommonBoards(
    IServiceScopeFactory scopes, IDatabaseMigration migration, TimeProvider time, ILogger<BuildCommonBoards> logger) : BackgroundService
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migration.Completed.WaitAsync(stoppingToken);
        for (var pause = TimeSpan.FromMilliseconds(250); !await TryAsync(stoppingToken); pause = pause * 2 < _longestPause ? pause * 2 : _longestPause)
            await Task.Delay(pause, time, stoppingToken);
    }

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<RebuildBoards>().EnsureCommonAsync(_patience, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Later(logger, e.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The leaderboards come from the database until they can be built: {Reason}")]
    private static partial void Later(ILogger logger, string reason);
}

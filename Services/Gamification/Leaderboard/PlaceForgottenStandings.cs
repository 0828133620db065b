using Microsoft.EntityFrameworkCore;
using TalentSphere.Gamification.Data;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Gamification.Leaderboard;

/// <summary>
/// Standings are placed right after their award, as well as can be: when Redis was away, or the process died in between, this brings
/// them onto the boards later.
/// </summary>
internal sealed partial class PlaceForgottenStandings(
    IServiceScopeFactory scopes, IDatabaseMigration migration, TimeProvider time, ILogger<PlaceForgottenStandings> logger) : BackgroundService
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _underWay = TimeSpan.FromSeconds(5);
    private const int _batch = 200;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migration.Completed.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(_period, time);
        do
        {
            try
            {
                int placed;
                do
                    placed = await PlaceAsync(stoppingToken);
                while (placed == _batch);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Later(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<int> PlaceAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow().UtcDateTime - _underWay;
        await using var scope = scopes.CreateAsyncScope();
        var forgotten = await scope.ServiceProvider.GetRequiredService<GamificationDbContext>().Learners.AsNoTracking()
            .Where(l => l.PlacedEntries < l.Entries && l.UpdatedAt < before)
            .OrderBy(l => l.UpdatedAt).Select(l => l.UserId).Take(_batch).ToListAsync(cancellationToken);
        foreach (var userId in forgotten)
        {
            await using var own = scopes.CreateAsyncScope();
            if (!await own.ServiceProvider.GetRequiredService<PlaceStanding>().RunAsync(userId, cancellationToken))
            {
                Later(logger, "Redis is not connected.");
                return 0;
            }
        }
        return forgotten.Count;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Some standings are not on the leaderboards yet: {Reason}")]
    private static partial void Later(ILogger logger, string reason);
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace TalentSphere.ServiceDefaults.Data;

/// <summary>Content that comes with a service, for development and demonstrations: loaded once, by slug, by a <see cref="IStartupTask"/>.</summary>
public static class SampleContent
{
    // Any number will do as long as every replica uses the same; databases do not share advisory locks.
    private const long _lock = 7_235_406_101;

    /// <summary>Where a service's content lies once it is built.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "SampleContent");

    /// <summary>Whether it is wanted: <c>SampleContent:Load</c>, on in development unless configured.</summary>
    public static bool IsWanted(IConfiguration configuration, IHostEnvironment environment) =>
        bool.TryParse(configuration["SampleContent:Load"], out var wanted) ? wanted : environment.IsDevelopment();

    /// <summary>Replicas that start on an empty database take turns: the lock is held until the current transaction ends.</summary>
    public static Task TakeTurnAsync(DbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({_lock})", cancellationToken);
}

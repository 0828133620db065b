using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.TestKit;

/// <summary>A service's database as its migration job distributes it, on one server (<see cref="CitusStandIn"/>), and the plans of what the service asks it.</summary>
public sealed class DistributedDatabase
{
    /// <summary>What was asked.</summary>
    public QueryPlans Plans { get; } = new();

    /// <summary>What breaks a rule of distribution in a context's tables; every table decides where it lies.</summary>
    public static IReadOnlyList<string> ProblemsOf<TContext>()
        where TContext : DbContext
    {
        using var context = Unconnected<TContext>();
        return DistributionModel.Of(context).Problems;
    }

    /// <summary>The tables that a context distributes, by name.</summary>
    public static IReadOnlyList<string> TablesOf<TContext>()
        where TContext : DbContext
    {
        using var context = Unconnected<TContext>();
        return TablesOf(context);
    }

    /// <summary>Makes a fresh database ready for the service's migration.</summary>
    /// <returns>The connection string for the service.</returns>
    public async Task<string> PrepareAsync(string connectionString)
    {
        await CitusStandIn.InstallAsync(connectionString);
        return QueryPlans.ExplainedBy(connectionString);
    }

    /// <summary>Tells the service that its database is distributed, and listens to its plans.</summary>
    public void Configure(IWebHostBuilder builder) =>
        builder.UseSetting("Database:Distribution", nameof(DatabaseDistribution.Citus)).ConfigureServices(s => s.AddSingleton<IInterceptor>(Plans).AddSingleton<IInterceptor, RoutedRows>());

    internal static IReadOnlyList<string> TablesOf(DbContext context) =>
        [.. DistributionModel.Of(context).Tables.Where(t => t.Key is not null).Select(t => t.Name).Order(StringComparer.Ordinal)];

    private static TContext Unconnected<TContext>()
        where TContext : DbContext =>
        (TContext)Activator.CreateInstance(typeof(TContext), new DbContextOptionsBuilder<TContext>().UseNpgsql().Options)!;
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;
using TalentSphere.ServiceDefaults.Health;

namespace TalentSphere.ServiceDefaults.Data;

/// <summary>Gives a service its own PostgreSQL database.</summary>
public static class ServiceDatabase
{
    /// <summary>
    /// Registers <typeparamref name="TContext"/> over the database that the mesh names like the service
    /// (<c>ConnectionStrings:&lt;service&gt;</c>), its migrations and its readiness check (<c>postgres</c>).
    /// Every <see cref="IInterceptor"/> in the container is attached.
    /// </summary>
    public static void AddServiceDatabase<TContext>(this IHostApplicationBuilder builder)
        where TContext : DbContext
    {
        var name = builder.Services.Where(s => s.ServiceType == typeof(ServiceIdentity)).Select(s => s.ImplementationInstance).OfType<ServiceIdentity>().Single().Name;
        builder.Services.AddOptions<DatabaseOptions>().BindConfiguration("Database");
        builder.Services.AddSingleton(services => Connect(services.GetRequiredService<IConfiguration>(), name, services.GetRequiredService<TimeProvider>()));
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IInterceptor, TimestampInterceptor>());
        builder.Services.AddDbContextPool<TContext>((services, options) => options
            .UseNpgsql(services.GetRequiredService<NpgsqlDataSource>(), npgsql => npgsql.MigrationsHistoryTable("__migrations_history"))
            .AddInterceptors(services.GetServices<IInterceptor>())
            // A failed save is reported where it is handled (409, 503, retry); the extra error line would only repeat it, with SQL.
            .ConfigureWarnings(w => w.Ignore(
                CoreEventId.SaveChangesFailed, CoreEventId.QueryIterationFailed, CoreEventId.OptimisticConcurrencyException, RelationalEventId.CommandError)));
        builder.Services.AddSingleton<DatabaseMigration<TContext>>();
        builder.Services.AddSingleton<IDatabaseMigration>(s => s.GetRequiredService<DatabaseMigration<TContext>>());
        builder.Services.AddHostedService(s => s.GetRequiredService<DatabaseMigration<TContext>>());
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            "postgres", s => new PostgresHealthCheck(s.GetRequiredService<NpgsqlDataSource>()), HealthStatus.Unhealthy, [HealthTags.Ready], TimeSpan.FromSeconds(2)));
    }

    /// <summary>The password is asked for at each new connection (<see cref="RotatedPassword"/>), everything else once.</summary>
    internal static NpgsqlDataSource Connect(IConfiguration configuration, string name, TimeProvider time)
    {
        var connectionString = configuration.GetConnectionString(name);
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            if (!EF.IsDesignTime)
                throw new InvalidOperationException($"ConnectionStrings:{name} is not set: the service has no database.");
            connectionString = "Host=127.0.0.1";
        }
        var source = new NpgsqlDataSourceBuilder(connectionString) { Name = name };
        source.ConnectionStringBuilder.ApplicationName ??= name;
        if (!source.ConnectionStringBuilder.ContainsKey("Maximum Pool Size"))
            source.ConnectionStringBuilder.MaxPoolSize = 20;
        if (!source.ConnectionStringBuilder.ContainsKey("Timeout"))
            source.ConnectionStringBuilder.Timeout = 5;
        if (!string.IsNullOrEmpty(source.ConnectionStringBuilder.Password))
        {
            var password = new RotatedPassword(() => configuration.GetConnectionString(name), time);
            source.ConnectionStringBuilder.Password = null;
            source.UsePasswordProvider(_ => password.Known ?? "", (_, cancellationToken) => password.CurrentAsync(cancellationToken));
        }
        return source.Build();
    }
}

/// <summary>Answers once PostgreSQL does.</summary>
internal sealed class PostgresHealthCheck(NpgsqlDataSource database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await using var command = database.CreateCommand("SELECT 1");
        await command.ExecuteScalarAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Benchmarks.Events;

/// <summary>An event of the usual size: some 350 bytes on the wire.</summary>
[Topic("measured.reading.taken", nameof(MeterId))]
public sealed record ReadingTaken(Guid MeterId, Guid ReadingId, string Title, int Value, DateTime At);

/// <summary>The effect of one event.</summary>
public sealed class Reading
{
    public Guid Id { get; init; }

    public Guid MeterId { get; init; }

    public int Value { get; init; }
}

public sealed class MeasuredDbContext(DbContextOptions<MeasuredDbContext> options) : DbContext(options)
{
    public DbSet<Reading> Readings => Set<Reading>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessagingTables();
        modelBuilder.UseMeshConventions();
    }
}

/// <summary>When each effect was committed, by <see cref="Stopwatch"/>.</summary>
public sealed class Effects
{
    public ConcurrentDictionary<Guid, long> At { get; } = new();
}

public sealed class KeepReading(MeasuredDbContext db, AfterCommit afterCommit, Effects effects) : IConsumer<ReadingTaken>
{
    public async Task Consume(ConsumeContext<ReadingTaken> context)
    {
        var reading = context.Message;
        db.Readings.Add(new Reading { Id = reading.ReadingId, MeterId = reading.MeterId, Value = reading.Value });
        await db.SaveChangesAsync(context.CancellationToken);
        afterCommit.Run(_ =>
        {
            effects.At[reading.ReadingId] = Stopwatch.GetTimestamp();
            return Task.CompletedTask;
        });
    }
}

/// <summary>A service as the mesh runs it, reduced to its database and its messaging.</summary>
public sealed class MeasuredService : IAsyncDisposable
{
    private readonly IHost _host;

    private MeasuredService(IHost host) => _host = host;

    public Effects Effects => _host.Services.GetRequiredService<Effects>();

    public static async Task<MeasuredService> BuildAsync(string name, string database, string rabbit, Action<MessagingBuilder>? consumers = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["ConnectionStrings:rabbitmq"] = rabbit });
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(new ServiceIdentity(name));
        builder.Services.AddSingleton<Effects>();
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(database));
        builder.Services.AddDbContextPool<MeasuredDbContext>((services, options) => options
            .UseNpgsql(services.GetRequiredService<NpgsqlDataSource>()).AddInterceptors(services.GetServices<IInterceptor>()));
        builder.AddMessaging<MeasuredDbContext>(consumers);
        var service = new MeasuredService(builder.Build());
        await service.WithAsync(async db =>
        {
            if (!await db.Database.EnsureCreatedAsync())
                return 0;
            var migration = new MigrationBuilder(db.Database.ProviderName);
            migration.PartitionOutboxByDay();
            var commands = db.GetService<IMigrationsSqlGenerator>().Generate(migration.Operations);
            return await db.GetService<IMigrationCommandExecutor>().ExecuteNonQueryAsync(
                [.. commands], db.GetService<IRelationalConnection>(), new MigrationExecutionState(), commitTransaction: true);
        });
        return service;
    }

    public Task StartAsync() => _host.StartAsync();

    public Task StopAsync() => _host.StopAsync();

    public async Task<T> WithAsync<T>(Func<MeasuredDbContext, Task<T>> work)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<MeasuredDbContext>());
    }

    /// <summary>Records events, so many per transaction.</summary>
    public Task RecordAsync(IEnumerable<ReadingTaken> readings) => WithAsync(async db =>
    {
        foreach (var reading in readings)
            db.Publish(reading);
        return await db.SaveChangesAsync();
    });

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}

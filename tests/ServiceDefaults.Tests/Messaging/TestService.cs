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
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.ServiceDefaults.Tests.Messaging;

public enum StepKind
{
    FirstStep,
    LaterStep,
}

/// <summary>A step of some journey; what its consumer does depends on <see cref="Word"/>.</summary>
[Topic("testing.journey.advanced", nameof(JourneyId))]
public sealed record JourneyAdvanced(Guid JourneyId, int Step, StepKind Kind = StepKind.FirstStep, string? Word = null);

[Topic("testing.journey.recorded", nameof(JourneyId))]
public sealed record JourneyRecorded(Guid JourneyId, int Step);

[Topic("testing.journey.ended", nameof(JourneyId))]
public sealed record JourneyEnded(Guid JourneyId);

public sealed class Effect
{
    public long Id { get; init; }

    public Guid JourneyId { get; init; }

    public int Step { get; init; }

    public string? CorrelationId { get; init; }

    public string? TraceId { get; init; }
}

public sealed class TestDb(DbContextOptions<TestDb> options) : DbContext(options)
{
    public DbSet<Effect> Effects => Set<Effect>();

    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessagingTables();
        modelBuilder.UseMeshConventions();
    }
}

/// <summary>What the consumers of one test are told and tell.</summary>
public sealed class Script
{
    public ConcurrentDictionary<int, int> Tries { get; } = new();

    public ConcurrentQueue<string> Said { get; } = new();

    /// <summary>Whether steps that fail while something is broken fail.</summary>
    public bool IsBroken { get; set; } = true;

    /// <summary>Released once for each effect after its commit.</summary>
    public SemaphoreSlim Committed { get; } = new(0);
}

public sealed class RecordJourney(TestDb db, NpgsqlDataSource database, Script script, AfterCommit afterCommit) : IConsumer<JourneyAdvanced>
{
    public async Task Consume(ConsumeContext<JourneyAdvanced> context)
    {
        var step = context.Message;
        var tries = script.Tries.AddOrUpdate(step.Step, 1, (_, n) => n + 1);
        db.Effects.Add(new Effect
        {
            JourneyId = step.JourneyId,
            Step = step.Step,
            CorrelationId = Correlation.Current,
            TraceId = Activity.Current?.TraceId.ToString(),
        });
        db.Publish(new JourneyRecorded(step.JourneyId, step.Step));
        await db.SaveChangesAsync(context.CancellationToken);
        afterCommit.Run(_ =>
        {
            script.Committed.Release();
            return Task.CompletedTask;
        });
        afterCommit.Run(async token =>
        {
            if (step.Word == "quiet")
                return;
            await using var count = database.CreateCommand("SELECT count(*) FROM effects WHERE step = $1");
            count.Parameters.Add(new() { Value = step.Step });
            script.Said.Enqueue($"{step.Step} committed {await count.ExecuteScalarAsync(token)}");
        });
        switch (step.Word)
        {
            case "always-fails":
                throw new InvalidOperationException("This step cannot be recorded.");
            case "fails-while-broken" when script.IsBroken:
                throw new InvalidOperationException("Something is broken.");
            case "times-out":
                throw new TaskCanceledException("A client gave up.");
            case "loses-its-connection" when tries <= 5:
                await db.Database.ExecuteSqlAsync($"SELECT pg_terminate_backend(pg_backend_pid())", context.CancellationToken);
                break;
            case "push-fails":
                afterCommit.Run(_ => throw new InvalidOperationException("Nobody listens."));
                break;
        }
    }
}

/// <summary>One replica of a service with a database of its own and the messaging under test.</summary>
public sealed class TestService : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _stopped;

    private TestService(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public Script Script => Services.GetRequiredService<Script>();

    /// <summary>A service that is not running: it can write, but has neither relay nor consumers.</summary>
    public static async Task<TestService> BuildAsync(
        string name, string database, string rabbit, Action<MessagingBuilder>? consumers = null, Dictionary<string, string?>? settings = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings:rabbitmq"] = rabbit,
            ["Messaging:RetryPauses:0"] = "00:00:00.02",
            ["Messaging:RetryPauses:1"] = "00:00:00.05",
            ["Messaging:MaxPause"] = "00:00:00.3",
            ["Messaging:StandbyInterval"] = "00:00:00.5",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Logging.AddProvider(new TestLog(name)).SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Services.AddSingleton(new ServiceIdentity(name));
        builder.Services.AddSingleton<Script>();
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(database));
        builder.Services.AddDbContextPool<TestDb>((services, options) => options.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>())
            .AddInterceptors(services.GetServices<IInterceptor>()));
        builder.AddMessaging<TestDb>(consumers);
        var service = new TestService(builder.Build());
        await service.WithDbAsync(async db =>
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

    public static async Task<TestService> StartAsync(
        string name, string database, string rabbit, Action<MessagingBuilder>? consumers = null, Dictionary<string, string?>? settings = null)
    {
        var service = await BuildAsync(name, database, rabbit, consumers, settings);
        await service.StartAsync();
        return service;
    }

    public Task StartAsync() => _host.StartAsync();

    /// <summary>Ends in order, as after SIGTERM.</summary>
    public async Task StopAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        await _host.StopAsync();
    }

    public async Task<T> WithDbAsync<T>(Func<TestDb, Task<T>> work)
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TestDb>());
    }

    public Task PublishAsync(params object[] events) => WithDbAsync(async db =>
    {
        foreach (var e in events)
            db.Publish(e);
        return await db.SaveChangesAsync();
    });

    public Task<List<Effect>> EffectsAsync() => WithDbAsync(db => db.Effects.AsNoTracking().OrderBy(e => e.Id).ToListAsync());

    public async Task<HealthStatus> HealthAsync()
    {
        var report = await Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        report.Entries.Keys.ShouldBe(["rabbitmq"]);
        return report.Status;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}

/// <summary>Warnings and errors in the output of the test that is running.</summary>
internal sealed class TestLog(string service) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => new TestLog(service + " " + categoryName.Split('.')[^1]);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{DateTimeOffset.UtcNow:HH:mm:ss.fff} {service} {logLevel}: {formatter(state, exception)} {exception?.GetType().Name} {exception?.Message}");

    public void Dispose()
    {
    }
}

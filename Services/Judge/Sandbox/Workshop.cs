using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using TalentSphere.Judge.Jobs;
using TalentSphere.Judge.Languages;
using TalentSphere.ServiceDefaults.Health;

namespace TalentSphere.Judge.Sandbox;

/// <summary>What this worker found out about its machine at start: whether it may judge at all, in which slots, and in which languages.</summary>
internal sealed class Workshop : IDisposable
{
    private volatile State _state = new(null, [new("startup", "the sandbox is being tried")], []);

    /// <summary>What can be in the way, as the readiness names it.</summary>
    public static IReadOnlyList<string> Parts { get; } = ["startup", "programs", "namespaces", "control-groups", .. SandboxProbe.Canaries];

    public bool MayJudge => _state is { Slots: not null, Troubles.Count: 0 };

    /// <summary>Why it may not judge, in words; null when it may.</summary>
    public string? Reason => MayJudge ? null : string.Join("; ", _state.Troubles.Select(t => $"{t.Part}: {t.What}"));

    public IReadOnlyList<Trouble> Troubles => _state.Troubles;

    /// <summary>The slots.</summary>
    /// <exception cref="InvalidOperationException">It may not judge.</exception>
    public Slots Slots => MayJudge ? _state.Slots! : throw new InvalidOperationException("This worker may not judge.");

    public int SlotCount => MayJudge ? _state.Slots!.Count : 0;

    /// <summary>Every language that the worker knows of, also those whose toolchain the machine lacks.</summary>
    public IReadOnlyList<Toolchain> Toolchains => _state.Toolchains;

    public void Open(Slots slots, IReadOnlyList<Toolchain> toolchains) => _state = new(slots, [], toolchains);

    public void Refuse(IReadOnlyList<Trouble> troubles) => _state = new(null, troubles, [.. LanguageCatalogue.All.Select(l => Toolchain.Missing(l, "this worker may not judge"))]);

    public void Dispose() => _state.Slots?.Dispose();

    private sealed record State(Slots? Slots, IReadOnlyList<Trouble> Troubles, IReadOnlyList<Toolchain> Toolchains);
}

/// <summary>Something that keeps this worker from judging.</summary>
/// <param name="Part">One of <see cref="Workshop.Parts"/>.</param>
/// <param name="What">In words.</param>
internal sealed record Trouble(string Part, string What);

/// <summary>Red while its part is in the way. A worker that may not judge is not ready: what is to be judged waits for one that may.</summary>
internal sealed class WorkshopCheck(Workshop workshop) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        workshop.Troubles.FirstOrDefault(t => t.Part == context.Registration.Name) is { } trouble ? HealthCheckResult.Unhealthy(trouble.What) : HealthCheckResult.Healthy());
}

/// <summary>
/// Climbs the ladder at start. Every canary behaves and limits bite: judge. All but the control groups: judge only where that is allowed, one job at a time.
/// Anything else: refuse.
/// </summary>
internal sealed partial class OpenWorkshop(
    Workshop workshop, WarmUp warmUp, IOptions<JudgeOptions> options, StartupState startup, IHostApplicationLifetime lifetime, ILogger<OpenWorkshop> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Slots? slots = null;
        try
        {
            var machine = Try("programs", BoxMachine.Find);
            var groups = FindGroups(out var without);
            if (groups is null && !options.Value.AllowRestricted)
                throw new RefusalException([new("control-groups", without!)]);
            slots = Try("namespaces", () => new Slots(machine, groups, options.Value.Slots is 0 ? Environment.ProcessorCount : options.Value.Slots, options.Value.FirstUserId));
            var troubles = await SandboxProbe.RunAsync(slots, stoppingToken);
            if (troubles.Count > 0)
                throw new RefusalException(troubles);
            var toolchains = await LanguageCatalogue.FindAsync(LanguageCatalogue.All, slots, stoppingToken);
            workshop.Open(slots, toolchains);
            MayJudge(logger, slots.Count, groups?.Description ?? "none, each process is limited by itself", string.Join(", ", toolchains.Where(t => t.IsAvailable).Select(t => t.Name)));
            await ListeningAsync(stoppingToken);
            await warmUp.RunAsync(stoppingToken);
        }
        catch (RefusalException e)
        {
            slots?.Dispose();
            workshop.Refuse(e.Troubles);
            MayNotJudge(logger, workshop.Reason!);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            if (!workshop.MayJudge)
                slots?.Dispose();
        }
        finally
        {
            startup.Done(workshop);
        }
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        startup.Expect(workshop);
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Until the port is open, which happens after hosted services have started.</summary>
    private async Task ListeningAsync(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }

    private static CgroupTree? FindGroups(out string? without)
    {
        without = null;
        try
        {
            var mounts = CgroupMounts.OfThisProcess();
            CgroupTree.SweepDead(mounts);
            return CgroupTree.Create(mounts);
        }
        catch (Exception e) when (e is SandboxException or IOException or UnauthorizedAccessException)
        {
            without = e.Message;
            return null;
        }
    }

    private static T Try<T>(string part, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (SandboxException e)
        {
            throw new RefusalException([new(part, e.Message)]);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This worker judges: {Slots} slots, control groups {Groups}, {Languages}")]
    private static partial void MayJudge(ILogger logger, int slots, string groups, string languages);

    [LoggerMessage(Level = LogLevel.Error, Message = "This worker may not judge: {Reason}")]
    private static partial void MayNotJudge(ILogger logger, string reason);

    private sealed class RefusalException(IReadOnlyList<Trouble> troubles) : Exception
    {
        public IReadOnlyList<Trouble> Troubles { get; } = troubles;
    }
}

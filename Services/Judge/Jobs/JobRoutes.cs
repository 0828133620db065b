using System.Text.Json;
using TalentSphere.Judge.Checking;
using TalentSphere.Judge.Languages;
using TalentSphere.Judge.Sandbox;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Judge.Jobs;

/// <summary>What the worker offers to those who know its key.</summary>
internal static class JobRoutes
{
    private const int _largestJob = 64 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/judge").WithTags("Judge").RequireAuthorization(p => p.RequireAuthenticatedUser());
        group.MapGet("/languages", ListLanguages);
        group.MapPost("/jobs", JudgeAsync).WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(_largestJob));
    }

    private static JsonResult<WorkerView> ListLanguages(Workshop workshop) => new(new(
        workshop.MayJudge, workshop.Reason, workshop.SlotCount,
        [.. workshop.Toolchains.Select(t => new LanguageView(t.Language.Id, t.Language.Name, t.Version, t.IsAvailable, t.Reason, t.Language.TimeFactor, t.Language.Compile is not null))]));

    private static IResult JudgeAsync(JudgeJob job, Workshop workshop, ILogger<JudgeProgram> logger)
    {
        if (!workshop.MayJudge)
            return Unavailable("JUDGE_MAY_NOT_JUDGE", $"This worker may not judge: {workshop.Reason}", TimeSpan.FromSeconds(30));
        if (Find(workshop, job.Language) is not { } toolchain)
            return Api.Invalid("language", $"There is no language '{job.Language}'.");
        if (!toolchain.IsAvailable)
            return LanguageAway(toolchain);
        Toolchain? checkerToolchain = null;
        if (job.Checker.Kind == CheckerKind.Program)
        {
            checkerToolchain = Find(workshop, job.Checker.Language!);
            if (checkerToolchain is null)
                return Api.Invalid("checker.language", $"There is no language '{job.Checker.Language}'.");
            if (!checkerToolchain.IsAvailable)
                return LanguageAway(checkerToolchain);
        }
        return workshop.Slots.TryTake() is { } slot
            ? new JobStream(job, toolchain, checkerToolchain, slot, logger)
            : Unavailable("JUDGE_NO_SLOT", "Every slot is busy.", TimeSpan.FromSeconds(1));
    }

    private static Toolchain? Find(Workshop workshop, string language) => workshop.Toolchains.FirstOrDefault(t => t.Language.Id == language);

    private static ApiProblem LanguageAway(Toolchain toolchain) =>
        Unavailable("JUDGE_LANGUAGE_UNAVAILABLE", $"{toolchain.Language.Name}: {toolchain.Reason}", TimeSpan.FromSeconds(60));

    private static ApiProblem Unavailable(string code, string message, TimeSpan pause) =>
        Api.Problem(StatusCodes.Status503ServiceUnavailable, code, message).RetryAfter(pause);

    internal sealed record WorkerView(bool MayJudge, string? Reason, int Slots, IReadOnlyList<LanguageView> Languages);

    internal sealed record LanguageView(string Id, string Name, string? Version, bool Available, string? Reason, double TimeFactor, bool Compiled);

    /// <summary>A document of its own form, without the envelope: machines of this mesh read it.</summary>
    internal sealed class JsonResult<T>(T body) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.CacheControl = "no-store";
            return httpContext.Response.WriteAsJsonAsync(body, ApiJson.Options, httpContext.RequestAborted);
        }
    }
}

/// <summary>A job's events as newline-delimited JSON, each line sent as soon as it is so. Whoever hangs up ends the job's boxes.</summary>
internal sealed partial class JobStream(JudgeJob job, Toolchain toolchain, Toolchain? checkerToolchain, Slots.Lease slot, ILogger logger) : IResult
{
    private static readonly byte[] _newLine = "\n"u8.ToArray();

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using (slot)
        {
            var response = httpContext.Response;
            response.ContentType = "application/x-ndjson";
            response.Headers.CacheControl = "no-store";
            var cancellationToken = httpContext.RequestAborted;
            try
            {
                using IChecker checker = checkerToolchain is null ? new TextChecker(job.Checker) : new ProgramChecker(job.Checker, checkerToolchain, slot);
                await foreach (var step in new JudgeProgram(job, toolchain, checker, slot, logger).RunAsync(cancellationToken))
                {
                    await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(step, step.GetType(), ApiJson.Options), cancellationToken);
                    await response.Body.WriteAsync(_newLine, cancellationToken);
                    await response.Body.FlushAsync(cancellationToken);
                    if (step is JobFinished finished)
                        Judged(logger, job.Id, toolchain.Name, finished.Verdict, finished.CpuMs, finished.MemoryKb);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                HungUp(logger, job.Id);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job}, {Toolchain}: {Verdict}, {CpuMs} ms, {MemoryKb} KiB")]
    private static partial void Judged(ILogger logger, Guid job, string toolchain, string verdict, int cpuMs, int memoryKb);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job}: nobody waits for it any more")]
    private static partial void HungUp(ILogger logger, Guid job);
}

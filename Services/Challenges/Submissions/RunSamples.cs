using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Judging;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Submissions;

/// <summary>A program to try on a challenge's samples, or on an input of one's own.</summary>
public sealed record RunSamplesRequest
{
    public const int MaxInput = 64 * 1024;

    [Required]
    [AllowedValues(null, Languages.Python, Languages.JavaScript, Languages.C, Languages.Cpp, Languages.Java, Languages.CSharp,
        ErrorMessage = "must be one of python, javascript, c, cpp, java, csharp")]
    public string? Language { get; init; }

    /// <summary>The source: at most 64 KiB in UTF-8.</summary>
    [Required, StorableText(SubmitSolutionRequest.MaxCode)]
    public string? Code { get; init; }

    /// <summary>What the program is to read instead of the samples: at most 64 KiB in UTF-8. Nothing is compared then.</summary>
    [StorableText(MaxInput)]
    public string? Input { get; init; }
}

/// <summary>What came of a run.</summary>
/// <param name="Verdict">The first that is not accepted; else accepted.</param>
/// <param name="Toolchain">What compiled and ran it.</param>
/// <param name="CompileMessages">What the compiler said.</param>
/// <param name="Tests">One for each sample, or the one input.</param>
internal sealed record RunView(string Verdict, string Toolchain, string? CompileMessages, IReadOnlyList<RunTestView> Tests);

/// <summary>What came of one sample.</summary>
/// <param name="Ordinal">The sample's place in the challenge; 0 for an input of one's own.</param>
/// <param name="Verdict">For an input of one's own accepted means that the program came to a good end.</param>
/// <param name="CpuMs">CPU time, milliseconds.</param>
/// <param name="WallMs">Time that passed, milliseconds.</param>
/// <param name="MemoryKb">Peak memory, KiB.</param>
/// <param name="Detail">Which limit or signal it was.</param>
/// <param name="Output">What the program wrote, at most 16 KiB.</param>
/// <param name="ErrorOutput">What it wrote to its standard error, at most 16 KiB.</param>
internal sealed record RunTestView(
    int Ordinal, string Verdict, int CpuMs, int WallMs, int MemoryKb, string? Detail, string? Output, string? ErrorOutput);

/// <summary>How many runs this replica has under way: they wait in no queue, so that they need a bound of their own.</summary>
internal sealed class RunSlots(IOptions<JudgeOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _free = new(options.Value.Runs);

    /// <summary>False when all are taken; otherwise <see cref="Leave"/> gives the slot back.</summary>
    public bool TryEnter() => _free.Wait(0);

    public void Leave() => _free.Release();

    public void Dispose() => _free.Dispose();
}

internal static class RunSamples
{
    private static readonly TimeSpan _comeBack = TimeSpan.FromSeconds(2);

    public static async Task<Results<ApiOk<RunView>, ApiProblem>> HandleAsync(
        Guid challengeId, RunSamplesRequest request, ChallengesDbContext db, JudgeClient judge, RunSlots slots, CancellationToken cancellationToken)
    {
        // Hidden tests are not even read here.
        var challenge = await db.Challenges.AsNoTracking().Include(c => c.TestCases.Where(t => t.Sample))
            .SingleOrDefaultAsync(c => c.Id == challengeId && c.PublishedAt != null, cancellationToken);
        if (challenge is null)
            return Api.NotFound();
        if (!slots.TryEnter())
            return Unavailable(JudgeClient.NoSlot, _comeBack);
        try
        {
            return await RunAsync(challenge, request, judge, cancellationToken);
        }
        catch (JudgeUnavailableException e)
        {
            return Unavailable(e.Reason, e.RetryAfter ?? _comeBack);
        }
        catch (JudgeRefusedException)
        {
            return Unavailable(JudgeClient.Broken, _comeBack);
        }
        finally
        {
            slots.Leave();
        }
    }

    private static async Task<Results<ApiOk<RunView>, ApiProblem>> RunAsync(
        Challenge challenge, RunSamplesRequest request, JudgeClient judge, CancellationToken cancellationToken)
    {
        var job = challenge.JobFor(request.Language!, request.Code!, challenge.TestCases) with { CaptureOutput = true };
        if (request.Input is { } input)
            job = job with { Tests = [new(0, input, "")], Checker = new("tokens") };
        var (toolchain, messages, verdict) = ("", (string?)null, "");
        var tests = new List<RunTestView>();
        await foreach (var told in judge.JudgeAsync(job, cancellationToken))
        {
            switch (told)
            {
                case JudgeStarted started:
                    toolchain = started.Toolchain;
                    break;
                case JudgeCompiled compiled:
                    messages = compiled.Messages;
                    break;
                case JudgeTested test:
                    tests.Add(new(test.Ordinal, Heard(test.Verdict, request), test.CpuMs, test.WallMs, test.MemoryKb, test.Detail, test.Output, test.ErrorOutput));
                    break;
                case JudgeFinished finished:
                    verdict = Heard(finished.Verdict, request);
                    break;
            }
        }
        return Api.Ok(new RunView(verdict, toolchain, messages, tests));
    }

    // Of an input of one's own nobody knows the right output.
    private static string Heard(string verdict, RunSamplesRequest request) =>
        request.Input is not null && verdict == Verdicts.WrongAnswer ? Verdicts.Accepted : verdict;

    private static ApiProblem Unavailable(string reason, TimeSpan pause) => Api.Problem(StatusCodes.Status503ServiceUnavailable, reason, reason switch
    {
        JudgeClient.NoSlot => "Every slot of the judge is taken; try again.",
        JudgeClient.LanguageUnavailable => "The judge cannot run this language at the moment.",
        _ => "There is no judge at the moment; what is submitted stays queued.",
    }).RetryAfter(pause);
}

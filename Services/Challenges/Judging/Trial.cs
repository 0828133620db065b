using TalentSphere.Challenges.Submissions;

namespace TalentSphere.Challenges.Judging;

/// <summary>Collects what the judge tells of one job, and believes a verdict only when the tests that it told of bear it out.</summary>
internal sealed class Trial(JudgeJob job, IReadOnlySet<int> samples)
{
    private readonly SortedDictionary<int, TestResult> _results = [];
    private JudgeFinished? _finished;
    private bool _compiled = true;

    /// <summary>What compiled and ran the program.</summary>
    public string Toolchain { get; private set; } = "";

    /// <summary>What the compiler said.</summary>
    public string? CompileMessages { get; private set; }

    /// <summary>The tests so far, in their order.</summary>
    public IReadOnlyList<TestResult> Results => [.. _results.Values];

    /// <summary>The verdict.</summary>
    public JudgeFinished Finished => _finished ?? throw new InvalidOperationException("It is not finished.");

    /// <summary>Takes one event.</summary>
    /// <exception cref="JudgeUnavailableException">It does not go with the job, or with what was told before.</exception>
    public void Take(JudgeEvent told)
    {
        switch (told)
        {
            case JudgeStarted started:
                Toolchain = Storable(started.Toolchain, Judgement.MaxToolchain) ?? "";
                break;
            case JudgeCompiled compiled:
                _compiled = compiled.Ok;
                CompileMessages = Storable(compiled.Messages, Judgement.MaxMessages);
                break;
            case JudgeTested test:
                if (!job.Tests.Any(t => t.Ordinal == test.Ordinal) || !_results.TryAdd(test.Ordinal, ResultOf(test)))
                    throw Nonsense();
                break;
            case JudgeFinished finished:
                if (!IsBorneOut(finished))
                    throw Nonsense();
                Toolchain = Storable(finished.Toolchain, Judgement.MaxToolchain) is { Length: > 0 } toolchain ? toolchain : Toolchain;
                _finished = finished;
                break;
        }
    }

    /// <summary>
    /// What may be said of how a test ended. The program chooses its exit code and its signals: through them it could tell its author what a hidden test holds.
    /// </summary>
    public static string? Disclose(string? detail, bool sample) => sample || detail is "cpu" or "wall" ? Storable(detail, Judgement.MaxDetail) : null;

    private bool IsBorneOut(JudgeFinished finished)
    {
        var failed = _results.Values.FirstOrDefault(r => r.Verdict != Verdicts.Accepted)?.Verdict;
        return finished.Verdict switch
        {
            Verdicts.InternalError => true,
            Verdicts.CompileError => !_compiled && _results.Count == 0,
            Verdicts.Accepted => _compiled && failed is null && _results.Count == job.Tests.Count,
            var verdict => _compiled && failed == verdict && (job.StopAtFirstFailure || _results.Count == job.Tests.Count),
        };
    }

    private TestResult ResultOf(JudgeTested test)
    {
        var sample = samples.Contains(test.Ordinal);
        return new(test.Ordinal, sample, test.Verdict, Math.Max(0, test.CpuMs), Math.Max(0, test.WallMs), Math.Max(0, test.MemoryKb), Disclose(test.Detail, sample));
    }

    // PostgreSQL's text holds no NUL, and half of a surrogate pair is no text at all.
    private static string? Storable(string? text, int most)
    {
        var clean = text?.Replace('\0', '\uFFFD');
        return clean is null || clean.Length <= most ? clean : clean[..(char.IsHighSurrogate(clean[most - 1]) ? most - 1 : most)];
    }

    private static JudgeUnavailableException Nonsense() => new(JudgeClient.Broken, "what it tells of the job does not fit together");
}

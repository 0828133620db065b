using System.Text;
using TalentSphere.Judge.Checking;
using TalentSphere.Judge.Languages;
using TalentSphere.Judge.Sandbox;

namespace TalentSphere.Judge.Jobs;

/// <summary>Judges one job in one slot: compiles, runs each test in a box of its own, compares outside of it.</summary>
internal sealed partial class JudgeProgram(JudgeJob job, Toolchain toolchain, IChecker checker, Slots.Lease slot, ILogger logger)
{
    private const int _longestMessages = 4096;
    private const int _longestOutput = 16 * 1024;
    private const int _longestReason = 200;
    private const int _signal = 128;
    private const int _cpuLimitSignal = _signal + 24;
    private const int _fileSizeSignal = _signal + 25;

    private int _cpuMs;
    private int _memoryKb;

    /// <summary>The job's events, in order; the last is <see cref="JobFinished"/>.</summary>
    public async IAsyncEnumerable<JobEvent> RunAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new JobStarted(toolchain.Name);
        var source = Encoding.UTF8.GetBytes(job.Source);
        SealedFile program;
        if (toolchain.Language.Compile is null)
        {
            program = new SealedFile(source);
        }
        else
        {
            yield return new JobCompiling();
            var compiled = await Compiler.CompileAsync(toolchain, source, slot, cancellationToken);
            yield return new JobCompiled(compiled.Program is not null, Shorten(compiled.Messages, _longestMessages), (int)compiled.Wall.TotalMilliseconds);
            if (compiled.Trouble is not null)
                Failed(logger, job.Id, 0, compiled.Trouble);
            if (compiled.Program is null)
            {
                yield return Finished(compiled.Trouble is not null ? Verdicts.InternalError : Verdicts.CompileError);
                yield break;
            }
            program = compiled.Program;
        }
        using (program)
        {
            var verdict = Verdicts.Accepted;
            var tests = job.Tests.OrderBy(t => t.Ordinal).ToList();
            var next = Box(program, tests[0]);
            for (var i = 0; i < tests.Count; i++)
            {
                var (box, index) = (next!, i + 1);
                next = index < tests.Count ? Box(program, tests[index]) : null;
                var tested = await TestAsync(box, next, tests[i], index, tests.Count, cancellationToken);
                yield return tested;
                if (verdict == Verdicts.Accepted)
                    verdict = tested.Verdict;
                // A worker that fails is not made to fail more often: the caller has it judged again.
                if (verdict == Verdicts.InternalError || (job.StopAtFirstFailure && verdict != Verdicts.Accepted))
                    break;
            }
            yield return Finished(verdict);
        }
    }

    private JobFinished Finished(string verdict) => new(verdict, _cpuMs, _memoryKb, toolchain.Name);

    private async Task<JobTested> TestAsync(BoxSpec box, BoxSpec? next, JobTest test, int index, int of, CancellationToken cancellationToken)
    {
        var tested = await TestOnceAsync(box, next, test, index, of, cancellationToken);
        if (tested.Verdict == Verdicts.InternalError)
            tested = await TestOnceAsync(box, next, test, index, of, cancellationToken);
        _cpuMs = Math.Max(_cpuMs, tested.CpuMs);
        _memoryKb = Math.Max(_memoryKb, tested.MemoryKb);
        return tested;
    }

    private async Task<JobTested> TestOnceAsync(BoxSpec box, BoxSpec? next, JobTest test, int index, int of, CancellationToken cancellationToken)
    {
        BoxOutcome outcome;
        string verdict;
        string? detail;
        try
        {
            outcome = await slot.RunAsync(box, next, cancellationToken);
            (verdict, detail) = Judge(outcome, toolchain.Language);
            if (verdict == Verdicts.InternalError)
                Failed(logger, job.Id, test.Ordinal, "the program did not run: " + Shorten(outcome.Errors, _longestReason));
            if (verdict == Verdicts.Accepted && !await checker.AcceptsAsync(test, outcome.Output, cancellationToken))
                verdict = Verdicts.WrongAnswer;
        }
        catch (SandboxException e)
        {
            Failed(logger, job.Id, test.Ordinal, e.Message);
            return new(test.Ordinal, index, of, Verdicts.InternalError, 0, 0, 0, null);
        }
        return new(
            test.Ordinal, index, of, verdict, (int)Math.Ceiling(outcome.Cpu.TotalMilliseconds), (int)Math.Ceiling(outcome.Wall.TotalMilliseconds),
            (int)(outcome.PeakBytes / 1024), detail)
        {
            Output = job.CaptureOutput ? Shorten(outcome.Output, _longestOutput) : null,
            ErrorOutput = job.CaptureOutput ? Shorten(outcome.Errors, _longestOutput) : null,
        };
    }

    private BoxSpec Box(SealedFile program, JobTest test)
    {
        var language = toolchain.Language;
        var cpu = TimeSpan.FromMilliseconds(job.Limits.CpuMs * language.TimeFactor);
        var memory = job.Limits.MemoryKb * 1024L;
        return new()
        {
            Command = language.Run(toolchain, memory),
            Files = [.. toolchain.Files, new(language.Artifact, program)],
            Environment = language.Environment(memory),
            Toolchains = toolchain.Folders,
            Input = Encoding.UTF8.GetBytes(test.Input),
            Limits = new()
            {
                Cpu = cpu,
                // For who sleeps or waits for what never comes; waiting for a processor does not count.
                Wall = cpu + TimeSpan.FromSeconds(1.5),
                MemoryBytes = memory + language.Overhead,
                OutputBytes = job.Limits.OutputKb * 1024,
                Processes = language.Processes,
                FileBytes = 16 << 20,
            },
        };
    }

    /// <summary>What came of a box, before anything is compared: the first that fits.</summary>
    internal static (string Verdict, string? Detail) Judge(BoxOutcome outcome, Language language) => outcome switch
    {
        { OutOfMemory: true } => (Verdicts.MemoryLimit, null),
        { Breach: Breach.Output } => (Verdicts.OutputLimit, null),
        { ExitCode: _fileSizeSignal } => (Verdicts.OutputLimit, "file"),
        { Breach: Breach.Cpu } or { ExitCode: _cpuLimitSignal } => (Verdicts.TimeLimit, "cpu"),
        { Breach: Breach.Wall } => (Verdicts.TimeLimit, "wall"),
        { ExitCode: null } => (Verdicts.InternalError, null),
        { ExitCode: not 0 } when language.OutOfMemoryMarks.Any(m => outcome.Errors.Span.IndexOf(Encoding.UTF8.GetBytes(m)) >= 0) => (Verdicts.MemoryLimit, "runtime"),
        { ExitCode: > _signal and < _signal + 65 and var code } => (Verdicts.RuntimeError, $"signal {code - _signal}"),
        { ExitCode: not 0 and var code } => (Verdicts.RuntimeError, $"exit {code}"),
        _ => (Verdicts.Accepted, null),
    };

    /// <summary>The beginning, as text: what is no UTF-8 is replaced, and a character is not cut in two.</summary>
    internal static string Shorten(ReadOnlyMemory<byte> bytes, int length)
    {
        if (bytes.Length <= length)
            return Encoding.UTF8.GetString(bytes.Span);
        var text = Encoding.UTF8.GetString(bytes.Span[..length]).TrimEnd('\uFFFD');
        return text + "…";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job}, test {Ordinal}: {Reason}")]
    private static partial void Failed(ILogger logger, Guid job, int ordinal, string reason);
}

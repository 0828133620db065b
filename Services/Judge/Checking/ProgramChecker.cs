using System.Text;
using TalentSphere.Judge.Jobs;
using TalentSphere.Judge.Languages;
using TalentSphere.Judge.Sandbox;

namespace TalentSphere.Judge.Checking;

/// <summary>
/// A program decides, in a box of its own. As in the Kattis problem format it is called with the paths of the input, of the expected output and of a folder for
/// its notes, reads what the program wrote from standard input, and ends with 42 for right and 43 for wrong.
/// </summary>
internal sealed class ProgramChecker(JobChecker checker, Toolchain toolchain, Slots.Lease slot) : IChecker
{
    private const int _right = 42;
    private const int _wrong = 43;

    private SealedFile? _program;

    public async ValueTask<bool> AcceptsAsync(JobTest test, ReadOnlyMemory<byte> output, CancellationToken cancellationToken)
    {
        _program ??= await PrepareAsync(cancellationToken);
        var language = toolchain.Language;
        const long memory = 512L << 20;
        using var input = new SealedFile(Encoding.UTF8.GetBytes(test.Input));
        using var expected = new SealedFile(Encoding.UTF8.GetBytes(test.ExpectedOutput));
        var outcome = await slot.RunAsync(
            new()
            {
                Command = [.. language.Run(toolchain, memory), "/w/input", "/w/answer", "/tmp/"],
                Files = [.. toolchain.Files, new(language.Artifact, _program), new("/w/input", input), new("/w/answer", expected)],
                Environment = language.Environment(memory),
                Toolchains = toolchain.Folders,
                Input = output,
                Limits = new()
                {
                    Cpu = TimeSpan.FromSeconds(10),
                    Wall = TimeSpan.FromSeconds(15),
                    MemoryBytes = memory + language.Overhead,
                    OutputBytes = 1 << 20,
                    Processes = language.Processes,
                },
            },
            next: null,
            cancellationToken);
        return outcome switch
        {
            { OutOfMemory: false, Breach: Breach.None, ExitCode: _right } => true,
            { OutOfMemory: false, Breach: Breach.None, ExitCode: _wrong } => false,
            _ => throw new SandboxException("the checker program failed"),
        };
    }

    public void Dispose() => _program?.Dispose();

    private async Task<SealedFile> PrepareAsync(CancellationToken cancellationToken)
    {
        var source = Encoding.UTF8.GetBytes(checker.Source!);
        if (toolchain.Language.Compile is null)
            return new(source);
        return (await Compiler.CompileAsync(toolchain, source, slot, cancellationToken)).Program ?? throw new SandboxException("the checker program does not compile");
    }
}

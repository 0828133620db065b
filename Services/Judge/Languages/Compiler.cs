using System.Text;
using TalentSphere.Judge.Sandbox;

namespace TalentSphere.Judge.Languages;

/// <summary>What a compiler made of a source.</summary>
/// <param name="Program">To be disposed; null when there is none.</param>
/// <param name="Messages">What the compiler said.</param>
/// <param name="Wall">How long it took.</param>
/// <param name="Trouble">What failed of the sandbox; null when the source alone decided.</param>
internal sealed record Compiled(SealedFile? Program, ReadOnlyMemory<byte> Messages, TimeSpan Wall, string? Trouble = null);

/// <summary>Compiles in a box: the source goes in on standard input, the program comes out on standard output.</summary>
internal static class Compiler
{
    /// <summary>Compiles; a failure of the sandbox itself is tried once more.</summary>
    public static async Task<Compiled> CompileAsync(Toolchain toolchain, ReadOnlyMemory<byte> source, Slots.Lease slot, CancellationToken cancellationToken)
    {
        var compiled = await CompileOnceAsync(toolchain, source, slot, cancellationToken);
        return compiled.Trouble is not null ? await CompileOnceAsync(toolchain, source, slot, cancellationToken) : compiled;
    }

    private static async Task<Compiled> CompileOnceAsync(Toolchain toolchain, ReadOnlyMemory<byte> source, Slots.Lease slot, CancellationToken cancellationToken)
    {
        var language = toolchain.Language;
        BoxOutcome outcome;
        try
        {
            outcome = await slot.RunAsync(
                new()
                {
                    Command = language.Compile!(toolchain),
                    Environment = language.Environment(language.CompileLimits.MemoryBytes),
                    Toolchains = toolchain.Folders,
                    Files = toolchain.Files,
                    Input = source,
                    Limits = language.CompileLimits,
                },
                next: null,
                cancellationToken);
        }
        catch (SandboxException e)
        {
            return new(null, default, TimeSpan.Zero, e.Message);
        }
        var trouble = outcome switch
        {
            { OutOfMemory: true } => "The compiler took more memory than it may.",
            { Breach: Breach.Cpu or Breach.Wall } => "The compiler took more time than it may.",
            { Breach: Breach.Output } => "The compiler wrote more than it may.",
            _ => null,
        };
        if (trouble is not null)
            return new(null, Encoding.UTF8.GetBytes(trouble), outcome.Wall);
        return outcome.ExitCode switch
        {
            null => new(null, default, outcome.Wall, "the compiler did not run"),
            0 => new(new SealedFile(outcome.Output.Span), outcome.Errors, outcome.Wall),
            _ => new(null, outcome.Errors, outcome.Wall),
        };
    }
}

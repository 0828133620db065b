namespace TalentSphere.Judge.Jobs;

/// <summary>The words for what came of a test.</summary>
internal static class Verdicts
{
    public const string Accepted = "accepted";
    public const string WrongAnswer = "wrong-answer";
    public const string TimeLimit = "time-limit";
    public const string MemoryLimit = "memory-limit";
    public const string OutputLimit = "output-limit";
    public const string RuntimeError = "runtime-error";
    public const string CompileError = "compile-error";
    public const string InternalError = "internal-error";
}

namespace TalentSphere.Challenges.Catalogue;

/// <summary>How a program's output is compared with the expected one.</summary>
public enum CheckerKind
{
    /// <summary>Line by line and byte for byte; line ends may be CRLF, and those at the very end may be missing or more.</summary>
    Exact,

    /// <summary>The words between white space are the same, in the same order.</summary>
    Tokens,

    /// <summary>As <see cref="Tokens"/>, and numbers may differ by the tolerances.</summary>
    Float,

    /// <summary>The same lines as often each, in whichever order.</summary>
    UnorderedLines,

    /// <summary>A program of the author's decides; it is boxed as submissions are.</summary>
    Program,
}

/// <summary>How the outputs of one challenge are checked. A value: it is replaced, never changed.</summary>
public sealed record CheckerSpec
{
    /// <summary>The most bytes of a checker program, in UTF-8.</summary>
    public const int MaxSource = 64 * 1024;

    /// <summary>The tolerance of <see cref="CheckerKind.Float"/> when none is given.</summary>
    public const double DefaultTolerance = 1e-6;

    /// <summary>What a challenge has that says nothing about it.</summary>
    public static CheckerSpec Default => new() { Kind = CheckerKind.Tokens };

    public CheckerKind Kind { get; init; }

    /// <summary>How far a number may be from the expected one, 0..1,000,000; only with <see cref="CheckerKind.Float"/>, else null.</summary>
    public double? Absolute { get; init; }

    /// <summary>How far, as a part of the expected number, 0..1; either tolerance suffices. Only with <see cref="CheckerKind.Float"/>, else null.</summary>
    public double? Relative { get; init; }

    /// <summary>True: <c>Yes</c> equals <c>YES</c>, in ASCII letters. Never with <see cref="CheckerKind.Program"/>.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>The program's language, one of <see cref="Submissions.Languages.All"/>; only with <see cref="CheckerKind.Program"/>, else null.</summary>
    public string? Language { get; init; }

    /// <summary>The program, for author and admins only: it may know the answers. Only with <see cref="CheckerKind.Program"/>, else null.</summary>
    public string? Source { get; init; }
}

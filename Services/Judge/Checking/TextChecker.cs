using System.Globalization;
using System.Text;
using TalentSphere.Judge.Jobs;

namespace TalentSphere.Judge.Checking;

/// <summary>The checkers that need no program. They compare bytes: output that is no UTF-8 is simply not what was expected.</summary>
internal sealed class TextChecker(JobChecker checker) : IChecker
{
    public ValueTask<bool> AcceptsAsync(JobTest test, ReadOnlyMemory<byte> output, CancellationToken cancellationToken) =>
        ValueTask.FromResult(checker.IgnoreCase
            ? Accepts(checker, Lower(Encoding.UTF8.GetBytes(test.ExpectedOutput)), Lower(output.Span))
            : Accepts(checker, Encoding.UTF8.GetBytes(test.ExpectedOutput), output.Span));

    public void Dispose()
    {
    }

    internal static bool Accepts(JobChecker checker, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> output) => checker.Kind switch
    {
        CheckerKind.Exact => SameLines(expected, output),
        CheckerKind.Tokens => SameTokens(expected, output, static (left, right) => left.SequenceEqual(right)),
        CheckerKind.Float => SameTokens(expected, output, (left, right) => left.SequenceEqual(right) || Near(left, right, checker.Absolute, checker.Relative)),
        CheckerKind.UnorderedLines => SameLinesInAnyOrder(expected, output),
        var other => throw new ArgumentOutOfRangeException(nameof(checker), other, "No text checker is of this kind."),
    };

    private static byte[] Lower(ReadOnlySpan<byte> text)
    {
        var lower = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
            lower[i] = text[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(text[i] | 0x20) : text[i];
        return lower;
    }

    private static bool SameLines(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> output)
    {
        expected = expected.TrimEnd("\r\n"u8);
        output = output.TrimEnd("\r\n"u8);
        while (true)
        {
            var left = NextLine(ref expected, out var leftEnds);
            var right = NextLine(ref output, out var rightEnds);
            if (!left.SequenceEqual(right) || leftEnds != rightEnds)
                return false;
            if (leftEnds)
                return true;
        }
    }

    private static bool SameLinesInAnyOrder(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> output)
    {
        var open = new Dictionary<string, int>();
        foreach (var line in Lines(expected))
            open[line] = open.GetValueOrDefault(line) + 1;
        foreach (var line in Lines(output))
        {
            if (!open.TryGetValue(line, out var count) || count == 0)
                return false;
            open[line] = count - 1;
        }
        return open.Values.All(count => count == 0);
    }

    /// <summary>One character for each byte: lines that differ in bytes differ as text, whatever encoding they are in.</summary>
    private static List<string> Lines(ReadOnlySpan<byte> text)
    {
        text = text.TrimEnd("\r\n"u8);
        var lines = new List<string>();
        for (var ends = false; !ends;)
            lines.Add(Encoding.Latin1.GetString(NextLine(ref text, out ends)));
        return lines;
    }

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> text, out bool ends)
    {
        var at = text.IndexOf((byte)'\n');
        ends = at < 0;
        var line = ends ? text : text[..at];
        text = ends ? [] : text[(at + 1)..];
        return line is [.., (byte)'\r'] ? line[..^1] : line;
    }

    private delegate bool Same(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> output);

    private static bool SameTokens(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> output, Same same)
    {
        while (true)
        {
            var left = NextToken(ref expected);
            var right = NextToken(ref output);
            if (left.IsEmpty || right.IsEmpty)
                return left.IsEmpty && right.IsEmpty;
            if (!same(left, right))
                return false;
        }
    }

    private static ReadOnlySpan<byte> NextToken(ref ReadOnlySpan<byte> text)
    {
        var space = " \t\r\n\v\f"u8;
        text = text.TrimStart(space);
        var end = text.IndexOfAny(space);
        var token = end < 0 ? text : text[..end];
        text = text[token.Length..];
        return token;
    }

    private static bool Near(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> output, double absolute, double relative) =>
        TryNumber(expected, out var wanted) && TryNumber(output, out var given) && Math.Abs(wanted - given) <= Math.Max(absolute, relative * Math.Abs(wanted));

    /// <summary>Plain decimal numbers, with an exponent at most: words such as NaN are equal to themselves only, and no number is near infinity.</summary>
    private static bool TryNumber(ReadOnlySpan<byte> token, out double number) =>
        double.TryParse(token, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number)
        && double.IsFinite(number);
}

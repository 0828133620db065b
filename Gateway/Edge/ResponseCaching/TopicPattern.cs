namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>A binding key of a topic exchange (AMQP 0-9-1 §3.1.3.3): <c>*</c> stands for one word, <c>#</c> for any number of them.</summary>
internal sealed record TopicPattern(string Text)
{
    private readonly string[] _words = Text.Split('.');

    /// <summary>Whether it stands for a routing key with these words.</summary>
    public bool Matches(ReadOnlySpan<string> words) => Matches(_words, words);

    public bool Equals(TopicPattern? other) => other?.Text == Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> words)
    {
        if (pattern.IsEmpty)
            return words.IsEmpty;
        if (pattern[0] == "#")
            return Matches(pattern[1..], words) || (!words.IsEmpty && Matches(pattern, words[1..]));
        return !words.IsEmpty && (pattern[0] == "*" || pattern[0] == words[0]) && Matches(pattern[1..], words[1..]);
    }
}

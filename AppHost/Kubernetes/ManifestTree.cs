using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TalentSphere.AppHost.Kubernetes;

/// <summary>
/// One YAML mapping; its keys are written in the order in which they were given. A value is text, a number, a flag, another <see cref="Map"/> or a sequence of
/// those. What is null is left out, so that a condition can stand where the value does.
/// </summary>
internal sealed class Map : IEnumerable<KeyValuePair<string, object>>
{
    private readonly List<KeyValuePair<string, object>> _entries = [];

    public object? this[string key]
    {
        get => _entries.Find(e => e.Key == key).Value;
        set
        {
            _entries.RemoveAll(e => e.Key == key);
            if (value is not null)
                _entries.Add(new(key, value));
        }
    }

    public int Count => _entries.Count;

    /// <summary>Names and texts, in their own order.</summary>
    public static Map Of(IEnumerable<KeyValuePair<string, string>> entries)
    {
        var map = new Map();
        foreach (var (key, value) in entries)
            map[key] = value;
        return map;
    }

    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Writes trees as YAML: two spaces, LF, no anchors, and text in quotes exactly where YAML would take it for something else.</summary>
internal static partial class ManifestWriter
{
    public static string Write(IEnumerable<Map> documents)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var first = true;
        foreach (var document in documents)
        {
            if (!first)
                text.Write("---\n");
            first = false;
            var emitter = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, skipAnchorName: true));
            emitter.Emit(new StreamStart());
            emitter.Emit(new DocumentStart(null, null, isImplicit: true));
            Emit(emitter, document);
            emitter.Emit(new DocumentEnd(isImplicit: true));
            emitter.Emit(new StreamEnd());
        }
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static void Emit(Emitter emitter, object value)
    {
        switch (value)
        {
            case Map map:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, inner) in map)
                {
                    emitter.Emit(Text(key));
                    Emit(emitter, inner);
                }
                emitter.Emit(new MappingEnd());
                break;
            case string text:
                emitter.Emit(Text(text));
                break;
            case bool flag:
                emitter.Emit(Plain(flag ? "true" : "false"));
                break;
            case int or long:
                emitter.Emit(Plain(Convert.ToString(value, CultureInfo.InvariantCulture)!));
                break;
            case IEnumerable items:
                var list = items.Cast<object?>().OfType<object>().ToList();
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list)
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            default:
                throw new NotSupportedException($"A manifest holds no {value.GetType().Name}.");
        }
    }

    private static Scalar Plain(string text) => new(AnchorName.Empty, TagName.Empty, text, ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: true);

    private static Scalar Text(string text) => new(AnchorName.Empty, TagName.Empty, text, StyleOf(text), isPlainImplicit: true, isQuotedImplicit: true);

    private static ScalarStyle StyleOf(string text) =>
        text.Contains('\n', StringComparison.Ordinal) ? text.Split('\n').Any(line => line.EndsWith(' ') || line.Contains('\t', StringComparison.Ordinal)) ? ScalarStyle.DoubleQuoted : ScalarStyle.Literal
        : Safe().IsMatch(text) && !Ambiguous().IsMatch(text) ? ScalarStyle.Plain
        : text.AsSpan().ContainsAny('"', '\\') && !text.Any(c => c is '\'' || char.IsControl(c)) ? ScalarStyle.SingleQuoted
        : ScalarStyle.DoubleQuoted;

    /// <summary>Starts with a letter, a slash or a digit and holds nothing that YAML gives a meaning.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9/.$(<][A-Za-z0-9 _./$()<>=+%,;@*&!?'-]*(:[A-Za-z0-9_./$()<>=+%,;@*-][A-Za-z0-9 _./$()<>=+%,;@*&!?'-]*)*$(?<! )", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Safe();

    /// <summary>Numbers in any notation, dates and times, and what YAML 1.1 takes for a flag or nothing.</summary>
    [GeneratedRegex(@"^([-+.]?[0-9][0-9_,.:eExXa-fA-FoO+-]*|[0-9]{4}-.*|~|null|true|false|yes|no|on|off|y|n|\.inf|\.nan)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ambiguous();
}

/// <summary>One generated file.</summary>
/// <param name="Path">From the output's root, with forward slashes.</param>
/// <param name="Documents">What it holds, if it is YAML.</param>
internal sealed record ManifestFile(string Path, params IReadOnlyList<Map> Documents)
{
    /// <summary>The first line of every generated file says so; only files that do are ever removed.</summary>
    public const string Mark = "Generated by ./mesh publish from the app model; not edited by hand.";

    /// <summary>What an operator should know and the content does not say. Written as comment lines under the mark.</summary>
    public string? Why { get; init; }

    /// <summary>The content, where it is no YAML tree (Markdown, a dashboard): written as it is, with the mark as the format allows.</summary>
    public string? Text { get; init; }

    /// <summary>True: kustomize reads it, but it is no resource that the folder's <c>kustomization.yaml</c> lists (a patch, the kustomization itself).</summary>
    public bool IsPart { get; init; }

    public bool IsKustomization => Path.EndsWith("/kustomization.yaml", StringComparison.Ordinal);

    public bool IsResource => !IsPart && !IsKustomization && Text is null;

    public string Folder => Path.Contains('/', StringComparison.Ordinal) ? Path[..Path.LastIndexOf('/')] : "";

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public string Render()
    {
        if (Text is not null)
            return Path.EndsWith(".md", StringComparison.Ordinal) ? $"<!-- {Mark} -->\n\n{Text}" : Text;
        var why = string.Concat((Why ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"# {line}\n"));
        return $"# {Mark}\n{why}{ManifestWriter.Write(Documents)}";
    }
}

/// <summary>One concern of a deployment: everything about it is written here and nowhere else.</summary>
internal interface IManifestSection
{
    IEnumerable<ManifestFile> Write(MeshModel mesh);
}

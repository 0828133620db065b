using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TalentSphere.Challenges.Import;

/// <summary>
/// The little YAML that packages need: mappings, lists and scalars. No anchors, so that a few lines never stand for millions, no tags, and no
/// nesting that a settings file has no use for.
/// </summary>
internal static class PackageYaml
{
    public const int MaxBytes = 64 * 1024;

    private const int _deepest = 8;

    /// <summary>Reads a file whose top is a mapping. Values are strings, lists (<c>List&lt;object&gt;</c>) and mappings.</summary>
    /// <exception cref="PackageException">It is not YAML, or more than the little.</exception>
    public static IReadOnlyDictionary<string, object> Read(string file, string text)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
                return new Dictionary<string, object>();
            parser.Consume<DocumentStart>();
            if (!parser.Accept<MappingStart>(out _))
                throw new PackageException(file, "must be a mapping of names to values");
            var top = (IReadOnlyDictionary<string, object>)Value(parser, file, 0);
            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _))
                throw new PackageException(file, "holds more than one document");
            return top;
        }
        catch (YamlException e)
        {
            throw new PackageException(file, $"is not YAML at line {e.Start.Line}");
        }
    }

    private static object Value(Parser parser, string file, int depth)
    {
        if (depth > _deepest)
            throw new PackageException(file, $"is nested more than {_deepest} deep");
        if (parser.Accept<AnchorAlias>(out _) || (parser.Accept<NodeEvent>(out var node) && !node.Anchor.IsEmpty))
            throw new PackageException(file, "uses anchors, which are not read here");
        if (parser.TryConsume<Scalar>(out var scalar))
            return scalar.Value.Contains('\0') ? throw new PackageException(file, "holds NUL characters") : scalar.Value;
        if (parser.TryConsume<SequenceStart>(out _))
        {
            var list = new List<object>();
            while (!parser.TryConsume<SequenceEnd>(out _))
                list.Add(Value(parser, file, depth + 1));
            return list;
        }
        parser.Consume<MappingStart>();
        var map = new Dictionary<string, object>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (Value(parser, file, depth + 1) is not string key)
                throw new PackageException(file, "has a name that is no text");
            if (!map.TryAdd(key, Value(parser, file, depth + 1)))
                throw new PackageException(file, $"says {key} twice");
        }
        return map;
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TalentSphere.Kubernetes.Tests.Manifests;

/// <summary>
/// YAML as kubectl reads it: a plain scalar is what YAML 1.1 makes of it (<c>on</c> and <c>yes</c> are booleans), a key that stands twice is refused.
/// </summary>
internal static partial class Yaml
{
    /// <summary>The documents of a file; an empty one is none.</summary>
    /// <exception cref="YamlException">It is not YAML, or a key stands twice.</exception>
    public static IReadOnlyList<JsonNode> Read(string text)
    {
        var stream = new YamlStream();
        using var reader = new StringReader(text);
        stream.Load(reader);
        return [.. stream.Documents.Select(d => Node(d.RootNode)).OfType<JsonNode>()];
    }

    private static JsonNode? Node(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(c => KeyValuePair.Create(KeyOf(c.Key), Node(c.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Node)]),
        YamlScalarNode scalar => Scalar(scalar),
        _ => throw new YamlException(node.Start, node.End, "An alias has no place in a manifest."),
    };

    private static string KeyOf(YamlNode key) => key is YamlScalarNode { Value: { } text }
        ? text
        : throw new YamlException(key.Start, key.End, "A key is a string.");

    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain)
            return JsonValue.Create(text);
        if (text is "" or "~" or "null" or "Null" or "NULL")
            return null;
        if (Truths().IsMatch(text))
            return JsonValue.Create(text[0] is 'y' or 'Y' or 't' or 'T' || text.Equals("on", StringComparison.OrdinalIgnoreCase));
        if (Integers().IsMatch(text) && long.TryParse(text.Replace("_", ""), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            // A leading zero makes an octal number.
            var digits = text.TrimStart('+', '-');
            return JsonValue.Create(digits.Length > 1 && digits[0] == '0' ? Convert.ToInt64(digits, 8) * (text[0] == '-' ? -1 : 1) : whole);
        }
        return Reals().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? JsonValue.Create(real) : JsonValue.Create(text);
    }

    [GeneratedRegex("^(y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$")]
    private static partial Regex Truths();

    [GeneratedRegex("^[-+]?(0[0-7_]*|[1-9][0-9_]*)$")]
    private static partial Regex Integers();

    [GeneratedRegex("^[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Reals();
}

using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TalentSphere.Schemas;

/// <summary>What the XML documentation of an assembly says about its types and their properties, as plain text.</summary>
internal sealed partial class RecordDocs
{
    private static readonly Dictionary<Assembly, RecordDocs> _known = [];
    private static readonly Lock _gate = new();

    private readonly Dictionary<string, XElement> _members;

    private RecordDocs(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        _members = File.Exists(file)
            ? XDocument.Load(file).Descendants("member").DistinctBy(m => (string)m.Attribute("name")!).ToDictionary(m => (string)m.Attribute("name")!)
            : [];
    }

    /// <summary>The documentation of an assembly; empty where the compiler wrote none.</summary>
    public static RecordDocs Of(Assembly assembly)
    {
        lock (_gate)
        {
            return _known.TryGetValue(assembly, out var docs) ? docs : _known[assembly] = new RecordDocs(assembly);
        }
    }

    /// <summary>The summary of a type.</summary>
    public string? Summary(Type type) => Text(Member("T:", type)?.Element("summary"));

    /// <summary>What is said of a property: at the parameter of its record, or at itself.</summary>
    public string? Property(Type type, string name) =>
        Text(Member("T:", type)?.Elements("param").FirstOrDefault(p => (string?)p.Attribute("name") == name))
        ?? Text(_members.GetValueOrDefault($"P:{NameOf(type)}.{name}")?.Element("summary"));

    private XElement? Member(string kind, Type type) => _members.GetValueOrDefault(kind + NameOf(type));

    private static string NameOf(Type type) => (type.FullName ?? type.Name).Replace('+', '.');

    private static string? Text(XElement? element)
    {
        if (element is null)
            return null;
        var text = new StringBuilder();
        foreach (var node in element.Nodes())
            text.Append(node is XElement inline ? Inline(inline) : node is XText plain ? plain.Value : "");
        return Blanks().Replace(text.ToString(), " ").Trim() is { Length: > 0 } found ? found : null;
    }

    /// <summary>Names of properties are said as they stand on the wire.</summary>
    private static string Inline(XElement element)
    {
        var reference = (string?)element.Attribute("cref") ?? (string?)element.Attribute("name");
        if (reference is null)
            return element.Name.LocalName == "c" ? $"`{element.Value}`" : element.Value;
        var name = reference[(reference.LastIndexOfAny(['.', ':']) + 1)..];
        return $"`{(reference.StartsWith("T:", StringComparison.Ordinal) ? name : JsonNamingPolicy.CamelCase.ConvertName(name))}`";
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}

using System.Text.Json;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>
/// What lies over the deployed configuration: the same sections, merged key by key. A list replaces the one below as a whole, and null takes an entry away
/// (a route, a cluster, a destination, a metadata entry), in the manner of RFC 7396.
/// </summary>
internal sealed class OverlayDocument
{
    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _lists = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _removed = new(StringComparer.OrdinalIgnoreCase);

    private OverlayDocument()
    {
    }

    /// <summary>Changes nothing.</summary>
    public static OverlayDocument Empty { get; } = new();

    /// <summary>Value by path.</summary>
    public IReadOnlyDictionary<string, string?> Values => _values;

    /// <summary>The paths of lists: nothing below shows through.</summary>
    public IReadOnlySet<string> Lists => _lists;

    /// <summary>The paths of entries that are taken away.</summary>
    public IReadOnlySet<string> Removed => _removed;

    /// <summary>Reads one, or says everything that is wrong with its form.</summary>
    /// <param name="document">The document.</param>
    /// <param name="sections">The sections that it may hold.</param>
    public static (OverlayDocument Overlay, IReadOnlyList<FailureDetail> Faults) Read(JsonElement document, IReadOnlyCollection<string> sections)
    {
        var overlay = new OverlayDocument();
        var faults = new List<FailureDetail>();
        if (document.ValueKind != JsonValueKind.Object)
            faults.Add(new("document", "must be an object"));
        else if (!StorableJson.IsStorable(document))
            faults.Add(new("document", "holds text or a number that cannot be stored"));
        else
            overlay.AddSections(document, sections, faults);
        return (overlay, faults);
    }

    private void AddSections(JsonElement document, IReadOnlyCollection<string> sections, List<FailureDetail> faults)
    {
        foreach (var named in document.EnumerateObject().GroupBy(p => p.Name, StringComparer.OrdinalIgnoreCase))
        {
            if (!sections.Contains(named.Key, StringComparer.OrdinalIgnoreCase))
                faults.Add(new(named.Key, "cannot be changed at run time; what can: " + string.Join(", ", sections.Order(StringComparer.Ordinal))));
            else if (named.Skip(1).Any())
                faults.Add(new(named.Key, "is there twice: names differ in more than case"));
            else if (named.First().Value.ValueKind != JsonValueKind.Object)
                faults.Add(new(named.Key, "must be an object"));
            else
                Add(named.Key, named.First().Value, faults);
        }
    }

    private void Add(string path, JsonElement element, List<FailureDetail> faults)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Null when IsEntry(path.Split(':')):
                _removed.Add(path);
                break;
            case JsonValueKind.Null:
                faults.Add(new(path, "cannot be taken away: null is for a route, a cluster, a destination or a metadata entry"));
                break;
            case JsonValueKind.Object:
                AddObject(path, element, faults);
                break;
            case JsonValueKind.Array:
                _lists.Add(path);
                if (element.GetArrayLength() == 0)
                    _values[path] = null;
                foreach (var (i, entry) in element.EnumerateArray().Index())
                    Add($"{path}:{i}", entry, faults);
                break;
            default:
                // As the files' reader has it: True, False, numbers as they are written.
                _values[path] = element.ToString();
                break;
        }
    }

    private void AddObject(string path, JsonElement element, List<FailureDetail> faults)
    {
        var empty = true;
        foreach (var named in element.EnumerateObject().GroupBy(p => p.Name, StringComparer.OrdinalIgnoreCase))
        {
            empty = false;
            var inner = $"{path}:{named.Key}";
            if (named.Key.Length == 0 || named.Key.Contains(':'))
                faults.Add(new(inner, "is no name: it must not be empty or hold a colon"));
            else if (named.Skip(1).Any())
                faults.Add(new(inner, "is there twice: names differ in more than case"));
            else
                Add(inner, named.First().Value, faults);
        }
        if (empty)
            _values[path] = null;
    }

    // What is read by listing what there is, so that an entry can be missing from it.
    private static bool IsEntry(string[] path) => path is [var section, var kind, _, ..] && Is(section, "ReverseProxy") && (Is(kind, "Routes") || Is(kind, "Clusters"))
        && (path.Length == 3 || (path.Length == 5 && (Is(path[3], "Metadata") || Is(path[3], "Destinations"))));

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Schemas;

/// <summary>The generated files, by name, and where they stand in a checkout.</summary>
public static class SchemaSet
{
    /// <summary>Where they stand, relative to the checkout.</summary>
    public const string Folder = "Contracts/schemas";

    /// <summary>The schema of the envelope.</summary>
    public const string Envelope = "envelope.json";

    /// <summary>The AsyncAPI document.</summary>
    public const string AsyncApi = "asyncapi.json";

    private static readonly JsonSerializerOptions _readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        // Read by people in a diff, never pasted into HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The file of an event.</summary>
    public static string FileOf(EventTopic topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return topic.Key + ".json";
    }

    /// <summary>The files of the contracts and services of a checkout.</summary>
    public static IReadOnlyDictionary<string, string> Generate(string checkout) =>
        Generate(Topology.EventsIn(typeof(EventEnvelope).Assembly), MeshService.In(checkout));

    /// <summary>The files of these events and services.</summary>
    public static IReadOnlyDictionary<string, string> Generate(IReadOnlyList<EventTopic> events, IReadOnlyList<MeshService> services)
    {
        ArgumentNullException.ThrowIfNull(events);
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [Envelope] = Text(EventSchema.OfEnvelope()),
            [AsyncApi] = Text(AsyncApiDocument.Of(events, services)),
        };
        foreach (var topic in events)
            files[FileOf(topic)] = Text(EventSchema.Of(topic));
        return files;
    }

    /// <summary>The files as they stand in a checkout; none where the folder is not there.</summary>
    public static IReadOnlyDictionary<string, string> Read(string checkout)
    {
        var folder = Path.Combine(checkout, Folder);
        return Directory.Exists(folder)
            // Byte for byte: reading as text would pass over a byte order mark.
            ? new SortedDictionary<string, string>(
                Directory.GetFiles(folder, "*.json").ToDictionary(f => Path.GetFileName(f), f => Encoding.UTF8.GetString(File.ReadAllBytes(f))),
                StringComparer.Ordinal)
            : new SortedDictionary<string, string>(StringComparer.Ordinal);
    }

    /// <summary>In which files two sets differ, by a byte or by being there.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyDictionary<string, string> generated, IReadOnlyDictionary<string, string> standing)
    {
        ArgumentNullException.ThrowIfNull(generated);
        ArgumentNullException.ThrowIfNull(standing);
        return
        [
            .. generated.Keys.Union(standing.Keys).Order(StringComparer.Ordinal)
                .Where(name => generated.GetValueOrDefault(name) != standing.GetValueOrDefault(name))
                .Select(name => $"{name}: {(standing.ContainsKey(name) ? generated.ContainsKey(name) ? "changed" : "no event has it" : "missing")}"),
        ];
    }

    /// <summary>
    /// Writes what was generated, unless it breaks what was promised: by the history of the main line, and by the files that stand there.
    /// </summary>
    /// <exception cref="BrokenContractException">It breaks something; nothing was written.</exception>
    public static void Write(string checkout, IReadOnlyDictionary<string, string> generated, SchemaHistory history)
    {
        ArgumentNullException.ThrowIfNull(generated);
        ArgumentNullException.ThrowIfNull(history);
        var standing = Read(checkout);
        var promised = Compatibility.Breaks(history.Promised, generated);
        // Not on the main line yet: whoever deletes the file starts it anew.
        var drafted = Compatibility.Breaks(standing, generated).Except(promised, StringComparer.Ordinal).ToList();
        if (promised.Count + drafted.Count > 0)
            throw new BrokenContractException(promised, drafted);
        var folder = Directory.CreateDirectory(Path.Combine(checkout, Folder)).FullName;
        foreach (var (name, text) in generated.Where(f => standing.GetValueOrDefault(f.Key) != f.Value))
            File.WriteAllText(Path.Combine(folder, name), text);
        foreach (var name in standing.Keys.Where(name => !generated.ContainsKey(name)))
            File.Delete(Path.Combine(folder, name));
    }

    private static string Text(JsonObject document) => document.ToJsonString(_readable) + "\n";
}

/// <summary>What was generated breaks what others rely on.</summary>
/// <param name="promised">What it breaks of what the main line has promised.</param>
/// <param name="drafted">What it breaks of files that stand in the checkout alone.</param>
public sealed class BrokenContractException(IReadOnlyList<string> promised, IReadOnlyList<string> drafted) : Exception(Tell(promised, drafted))
{
    private static string Tell(IReadOnlyList<string> promised, IReadOnlyList<string> drafted)
    {
        var told = new List<string>();
        if (promised.Count > 0)
        {
            told.AddRange([
                "These changes break what is promised:", .. promised.Select(b => "  " + b),
                "Contracts only grow: leave the event as it is and publish the new one under a new key.",
            ]);
        }
        if (drafted.Count > 0)
        {
            told.AddRange([
                $"These changes break files in {SchemaSet.Folder} that the main line does not have:", .. drafted.Select(b => "  " + b),
                "If nobody has them yet, delete those files and run this again.",
            ]);
        }
        return string.Join('\n', told);
    }
}

using System.Text.Json;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>Generated parameter values, kept over runs in <c>parameters.json</c> (mode 0600) of the state directory.</summary>
internal sealed class ParameterStore(string stateDirectory)
{
    public const string FileName = "parameters.json";

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    private readonly Lock _gate = new();

    public string GetOrAdd(string name, Func<string> make)
    {
        lock (_gate)
        {
            var path = Path.Combine(StateDirectory.Create(stateDirectory), FileName);
            var values = File.Exists(path) ? JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllBytes(path))! : [];
            if (values.TryGetValue(name, out var known))
                return known;
            values[name] = make();
            PrivateFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(values, _indented));
            return values[name];
        }
    }
}

internal static class PrivateFile
{
    /// <summary>Replaces the file as a whole, readable by its owner alone from its first byte on.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var next = $"{path}.{Environment.ProcessId}";
        File.Delete(next);
        using (var stream = new FileStream(next, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(content);
        }
        File.Move(next, path, overwrite: true);
    }

    public static void Write(string path, string content) => Write(path, System.Text.Encoding.UTF8.GetBytes(content));
}

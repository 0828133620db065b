using System.Collections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace TalentSphere.ServiceDefaults.Configuration;

/// <summary>
/// Settings that are read from files, as orchestrators mount secrets: where the environment has <c>Section__Name_FILE</c>, the file's content, without the line ends
/// after it, is <c>Section:Name</c>, before what <c>Section__Name</c> itself says. Files are read again every few seconds, and who reads a setting when it is needed
/// finds what is there now.
/// </summary>
public static class SecretFiles
{
    /// <summary>How long a file that changed may go unseen.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(5);

    private const string _suffix = "_FILE";

    /// <summary>Reads the files that the environment names.</summary>
    /// <exception cref="InvalidOperationException">A file cannot be read: the process does not start with half its secrets.</exception>
    public static void AddSecretFiles(this IHostApplicationBuilder builder)
    {
        var files = FilesOf(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(v => new KeyValuePair<string, string>((string)v.Key, (string?)v.Value ?? "")));
        if (files.Count > 0)
            builder.Configuration.Add(new SecretFilesSource(files, TimeProvider.System));
    }

    /// <summary>The setting that each variable gives a file for. Variables without a section are somebody else's.</summary>
    internal static Dictionary<string, string> FilesOf(IEnumerable<KeyValuePair<string, string>> environment) => environment
        .Where(v => v.Key.EndsWith(_suffix, StringComparison.Ordinal) && v.Key.Contains("__", StringComparison.Ordinal) && v.Value.Length > 0)
        .ToDictionary(v => v.Key[..^_suffix.Length].Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), v => v.Value, StringComparer.OrdinalIgnoreCase);
}

/// <param name="files">Path by setting.</param>
/// <param name="time">What the pauses between two readings are measured by.</param>
internal sealed class SecretFilesSource(IReadOnlyDictionary<string, string> files, TimeProvider time) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new SecretFilesProvider(files, time);
}

/// <summary>Reads by name each time: a mounted secret is exchanged by moving a symbolic link, which notifications of the file system do not tell of.</summary>
internal sealed class SecretFilesProvider(IReadOnlyDictionary<string, string> files, TimeProvider time) : ConfigurationProvider, IDisposable
{
    private ITimer? _timer;

    public override void Load()
    {
        Data = files.ToDictionary(f => f.Key, f => (string?)Read(f.Key, f.Value), StringComparer.OrdinalIgnoreCase);
        _timer ??= time.CreateTimer(_ => ReadAgain(), null, SecretFiles.Interval, SecretFiles.Interval);
    }

    public void Dispose() => _timer?.Dispose();

    private static string Read(string setting, string path)
    {
        try
        {
            return File.ReadAllText(path).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"{setting} is to be read from {path}, which cannot be read: {e.Message}", e);
        }
    }

    /// <summary>A file that is away for a moment, or empty while it is written, leaves the setting as it was.</summary>
    private void ReadAgain()
    {
        var data = new Dictionary<string, string?>(Data, StringComparer.OrdinalIgnoreCase);
        var changed = false;
        foreach (var (setting, path) in files)
        {
            string content;
            try
            {
                content = Read(setting, path);
            }
            catch (InvalidOperationException)
            {
                continue;
            }
            if (content.Length == 0 || content == data[setting])
                continue;
            data[setting] = content;
            changed = true;
        }
        if (!changed)
            return;
        Data = data;
        try
        {
            OnReload();
        }
        catch (Exception e)
        {
            // Whoever refused what the file says now goes on with what it had; there is no logger yet where settings are read.
            Console.Error.WriteLine($"A secret that was exchanged is not accepted: {e.GetType().Name}");
        }
    }
}

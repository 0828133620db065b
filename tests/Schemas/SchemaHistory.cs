using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace TalentSphere.Schemas;

/// <summary>
/// What the main line of a checkout's git history has promised. Every state of the schemas that the main line ever had is held against the ones before it, so
/// that a state which broke a promise is none itself: committing it does not make it one, and putting it right is no second break.
/// </summary>
/// <param name="Promised">The schemas, by file name; empty when there is no history or none with schemas.</param>
/// <param name="States">How many committed states were read.</param>
/// <param name="Notice">Why the history says less than it should; null when it is complete.</param>
public sealed record SchemaHistory(IReadOnlyDictionary<string, string> Promised, int States, string? Notice)
{
    private static readonly string[] _mainLine =
    [
        "refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master", "refs/heads/main", "refs/heads/master",
    ];

    /// <summary>
    /// Reads it. What a branch has of its own does not count before it is merged; without a main line anywhere (a detached checkout, say) all that led to
    /// HEAD counts.
    /// </summary>
    public static SchemaHistory Of(string checkout)
    {
        try
        {
            if (Git(checkout, "rev-parse", "--verify", "--quiet", "HEAD") is not { ExitCode: 0 })
                return None("This is no git checkout, or one without a commit");
        }
        catch (Win32Exception)
        {
            return None("git is not installed");
        }
        var bases = _mainLine.Where(line => Git(checkout, "rev-parse", "--verify", "--quiet", line).ExitCode == 0)
            .Select(line => Git(checkout, "merge-base", "HEAD", line)).Where(common => common.ExitCode == 0)
            .Select(common => common.Text.Trim()).Distinct().ToList();
        if (bases.Count == 0)
            bases.Add("HEAD");
        var commits = Lines(Git(checkout, ["log", "--first-parent", "--topo-order", "--reverse", "--format=%H", .. bases, "--", SchemaSet.Folder]));
        var (promised, contents) = ((IReadOnlyDictionary<string, string>)new Dictionary<string, string>(), new Dictionary<string, string>());
        foreach (var commit in commits)
        {
            var state = StateAt(checkout, commit, contents);
            if (Compatibility.Breaks(promised, state).Count == 0)
                promised = state;
        }
        var shallow = Git(checkout, "rev-parse", "--is-shallow-repository").Text.Trim() == "true";
        return new(promised, commits.Count, shallow
            ? $"This is a shallow clone: only the last {Count(commits.Count)} of the schemas can be seen. `git fetch --unshallow` brings the rest"
            : null);
    }

    private static SchemaHistory None(string why) => new(new Dictionary<string, string>(), 0, $"{why}: the schemas are held against no earlier ones");

    private static string Count(int states) => states == 1 ? "state" : $"{states.ToString(CultureInfo.InvariantCulture)} states";

    private static Dictionary<string, string> StateAt(string checkout, string commit, Dictionary<string, string> contents)
    {
        // <mode> SP <type> SP <hash> TAB <path>
        var files = Lines(Git(checkout, "ls-tree", commit, SchemaSet.Folder + "/")).Select(line => line.Split('\t'))
            .Where(parts => parts.Length == 2).ToDictionary(parts => Path.GetFileName(parts[1]), parts => parts[0].Split(' ')[2]);
        // So few at a time that their hashes fit into a pipe: git may wait for its reader while it is written to.
        foreach (var hashes in files.Values.Where(hash => !contents.ContainsKey(hash)).Distinct().Chunk(500).ToList())
        {
            foreach (var (hash, text) in Blobs(checkout, hashes))
                contents[hash] = text;
        }
        return files.ToDictionary(f => f.Key, f => contents[f.Value]);
    }

    /// <summary>All of them with one process: <c>cat-file --batch</c> answers each hash with <c>hash SP type SP size LF content LF</c>.</summary>
    private static IEnumerable<(string Hash, string Text)> Blobs(string checkout, IReadOnlyList<string> hashes)
    {
        var bytes = Git(checkout, ["cat-file", "--batch"], string.Join('\n', hashes) + "\n").Bytes;
        var at = 0;
        foreach (var hash in hashes)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', at);
            var size = int.Parse(Encoding.ASCII.GetString(bytes, at, end - at).Split(' ')[2], CultureInfo.InvariantCulture);
            yield return (hash, Encoding.UTF8.GetString(bytes, end + 1, size));
            at = end + 1 + size + 1;
        }
    }

    private static List<string> Lines(Answer answer) => answer.ExitCode == 0
        ? [.. answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)]
        : throw new InvalidOperationException($"git could not be asked for the history of {SchemaSet.Folder}: {answer.Error.Trim()}");

    private static Answer Git(string checkout, params string[] arguments) => Git(checkout, arguments, "");

    private static Answer Git(string checkout, string[] arguments, string input)
    {
        var start = new ProcessStartInfo("git", ["-C", checkout, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // A hook's own repository is not the one that was asked for.
        foreach (var name in (string[])["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"])
            start.Environment.Remove(name);
        using var git = Process.Start(start)!;
        var error = new StringBuilder();
        git.ErrorDataReceived += (_, e) => error.AppendLine(e.Data);
        git.BeginErrorReadLine();
        git.StandardInput.Write(input);
        git.StandardInput.Close();
        using var output = new MemoryStream();
        git.StandardOutput.BaseStream.CopyTo(output);
        git.WaitForExit();
        return new(git.ExitCode, output.ToArray(), error.ToString());
    }

    private sealed record Answer(int ExitCode, byte[] Bytes, string Error)
    {
        public string Text => Encoding.UTF8.GetString(Bytes);
    }
}

using System.Text;

namespace TalentSphere.AppHost.Kubernetes;

/// <summary>Puts generated files in place.</summary>
internal static class ManifestOutput
{
    /// <summary>
    /// Writes what changed and removes what is generated and no longer belongs. A file without the mark was put there by somebody and stays.
    /// </summary>
    /// <returns>How many files were written and how many removed.</returns>
    public static (int Written, int Removed) Replace(string directory, IReadOnlyCollection<ManifestFile> files)
    {
        Directory.CreateDirectory(directory);
        var written = files.Count(file => Write(directory, file));
        var removed = 0;
        var known = files.Select(f => Path.GetFullPath(Path.Combine(directory, f.Path))).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(p => !known.Contains(p) && IsGenerated(p)).ToList())
        {
            File.Delete(path);
            removed++;
            for (var folder = Path.GetDirectoryName(path)!; folder != directory && !Directory.EnumerateFileSystemEntries(folder).Any(); folder = Path.GetDirectoryName(folder)!)
                Directory.Delete(folder);
        }
        return (written, removed);
    }

    /// <summary>Writes one file, unless it is there already as it should be.</summary>
    /// <returns>Whether it was written.</returns>
    public static bool Write(string directory, ManifestFile file)
    {
        var path = Path.Combine(directory, file.Path);
        var content = Encoding.UTF8.GetBytes(file.Render());
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
            return false;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return true;
    }

    private static bool IsGenerated(string path) => File.ReadLines(path).FirstOrDefault()?.Contains(ManifestFile.Mark, StringComparison.Ordinal) == true;
}

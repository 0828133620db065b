namespace TalentSphere.Cli.Mesh;

/// <summary>The files of a mesh that is down.</summary>
public static class StateFiles
{
    /// <summary>
    /// Deletes a state directory, and PostgreSQL's data where that lies outside of it: for root it does, and the file <c>postgres/cluster</c> names it.
    /// </summary>
    public static void Delete(string state)
    {
        var cluster = Path.Combine(state, "postgres", "cluster");
        if (File.Exists(cluster) && Path.GetDirectoryName(File.ReadAllText(cluster).Trim()) is { Length: > 1 } home && Directory.Exists(home))
            Directory.Delete(home, recursive: true);
        if (Directory.Exists(state))
            Directory.Delete(state, recursive: true);
    }
}

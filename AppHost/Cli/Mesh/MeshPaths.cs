namespace TalentSphere.Cli.Mesh;

/// <summary>Where things are.</summary>
public static class MeshPaths
{
    /// <summary>The checkout: <c>MESH_ROOT</c>, or the directory above this program that holds the solution.</summary>
    public static string Root { get; } = Environment.GetEnvironmentVariable("MESH_ROOT") ?? FindRoot();

    /// <summary>What a running mesh keeps: <c>MESH_STATE</c>, else <c>.mesh</c> in the checkout.</summary>
    public static string State { get; } = Path.GetFullPath(Environment.GetEnvironmentVariable("MESH_STATE") ?? Path.Combine(Root, ".mesh"));

    /// <summary>Logs of builds, servers and services.</summary>
    public static string Logs => Directory.CreateDirectory(Path.Combine(State, "logs")).FullName;

    /// <summary>The built assembly of a project of the checkout.</summary>
    public static string Assembly(string projectDirectory) =>
        Path.Combine(Root, projectDirectory, "bin", "Release", "net10.0", $"TalentSphere.{Path.GetFileName(projectDirectory)}.dll");

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "TalentSphere.sln")))
                return directory.FullName;
        }
        throw new MeshException("TalentSphere.sln is not above this program; set MESH_ROOT.");
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>
/// Where a mesh keeps its data, logs and generated values: a directory of mode 0700 that one AppHost owns at a time, by a lock on
/// <c>mesh.lock</c> that the system releases however the AppHost ends.
/// </summary>
internal sealed class StateDirectory : IDisposable
{
    private const UnixFileMode _private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string _ephemeralMarker = ".ephemeral";

    private readonly FileStream _lock;
    private readonly bool _ephemeral;

    private StateDirectory(string path, FileStream @lock, bool ephemeral)
    {
        Path = path;
        _lock = @lock;
        _ephemeral = ephemeral;
    }

    public string Path { get; }

    public string Logs => Create(System.IO.Path.Combine(Path, "logs"));

    public static string Create(string path)
    {
        Directory.CreateDirectory(path, _private);
        return path;
    }

    /// <exception cref="DistributedApplicationException">Another AppHost owns the directory, or it is not empty and would be deleted at the end.</exception>
    public static StateDirectory Acquire(MeshSettings settings)
    {
        var path = Create(settings.StateDirectory);
        // The owner's number stands beside the lock: nobody else can open a locked file.
        var owner = System.IO.Path.Combine(path, "mesh.pid");
        if (!TryLock(System.IO.Path.Combine(path, "mesh.lock"), out var stream))
            throw new DistributedApplicationException($"A mesh already runs on {path} (pid {ReadOwner(owner)}): stop it first, or give another MESH_STATE.");
        try
        {
            File.SetUnixFileMode(path, _private);
            PrivateFile.Write(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            if (settings.Ephemeral)
                ClaimForDeletion(path);
            return new(path, stream, settings.Ephemeral);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>A directory of its own for one resource.</summary>
    public string For(string name) => Create(System.IO.Path.Combine(Path, name));

    public void Dispose()
    {
        if (_ephemeral)
            Directory.Delete(Path, recursive: true);
        else
            File.Delete(System.IO.Path.Combine(Path, "mesh.pid"));
        _lock.Dispose();
    }

    /// <summary>Only a directory that held nothing but our own files is ever deleted.</summary>
    private static void ClaimForDeletion(string path)
    {
        var marker = System.IO.Path.Combine(path, _ephemeralMarker);
        var foreign = Directory.EnumerateFileSystemEntries(path).Select(System.IO.Path.GetFileName).Except(["mesh.lock", "mesh.pid", ParameterStore.FileName]);
        if (!File.Exists(marker) && foreign.Any())
        {
            throw new DistributedApplicationException(
                $"{path} is not empty: with Mesh:Ephemeral the state directory is deleted at the end, so it must start empty.");
        }
        File.WriteAllText(marker, "");
    }

    private static bool TryLock(string path, [NotNullWhen(true)] out FileStream? stream)
    {
        try
        {
            stream = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            return true;
        }
        catch (IOException)
        {
            stream = null;
            return false;
        }
    }

    private static string ReadOwner(string path) => File.Exists(path) ? File.ReadAllText(path) : "unknown";
}

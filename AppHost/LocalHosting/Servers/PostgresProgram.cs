using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>
/// postgres, for clients on loopback with SCRAM passwords only. It refuses to run as root; root's state directory is closed to others, so the data of a
/// mesh that root started lies in a private directory under /var/tmp, named after the state directory.
/// </summary>
internal sealed partial class PostgresProgram : IServerProgram
{
    private const string _clusterMarker = "cluster";

    public string Image => "postgres";

    public async Task<LaunchSpec> PrepareAsync(ServerRequest request, CancellationToken cancellationToken)
    {
        var user = Environment.IsPrivilegedProcess ? SystemUser.First("postgres", "nobody") : null;
        var home = user is null ? request.Directory : HomeOutside(request, user);
        var data = Path.Combine(home, "data");
        var binaries = Binaries(data);
        var marker = Path.Combine(request.Directory, _clusterMarker);
        if (!File.Exists(marker) || !Directory.Exists(data))
        {
            await InitializeAsync(request, user, home, data, binaries, cancellationToken);
            await File.WriteAllTextAsync(marker, data, cancellationToken);
        }
        string[] lasting = request.Ephemeral ? ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"] : [];
        return new(Path.Combine(binaries, "postgres"),
        [
            "-D", data,
            "-c", "listen_addresses=127.0.0.1", "-c", string.Create(CultureInfo.InvariantCulture, $"port={request.Port}"), "-c", "unix_socket_directories=",
            "-c", "shared_buffers=64MB", "-c", "max_connections=200", "-c", "jit=off", "-c", "log_checkpoints=off", .. lasting,
        ], home)
        {
            User = user?.Name,
            StopSignal = Signals.Interrupt,
            DeathSignal = "QUIT",
        };
    }

    private static async Task InitializeAsync(
        ServerRequest request, SystemUser? user, string home, string data, string binaries, CancellationToken cancellationToken)
    {
        // Without a marker it is the left-over of a state directory that was deleted, and its passwords are lost.
        if (Directory.Exists(data))
            Directory.Delete(data, recursive: true);
        var passwordFile = Path.Combine(home, "password");
        PrivateFile.Write(passwordFile, request.Required("POSTGRES_PASSWORD"));
        user?.Own(passwordFile);
        try
        {
            var name = request.Environment.GetValueOrDefault("POSTGRES_USER", "postgres");
            var code = await ChildProcess.RunAsync(
                new(Path.Combine(binaries, "initdb"),
                [
                    "-D", data, "-U", name, $"--pwfile={passwordFile}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8",
                    "--no-instructions", "--no-sync",
                ], home)
                { User = user?.Name },
                request.Log, cancellationToken);
            if (code != 0)
                throw new DistributedApplicationException($"initdb ended with code {code}.");
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }

    /// <summary>The version that made the data, else the newest that is installed.</summary>
    private static string Binaries(string data)
    {
        const string root = "/usr/lib/postgresql";
        var version = Path.Combine(data, "PG_VERSION");
        var installed = Directory.Exists(root)
            ? Directory.GetDirectories(root).Where(d => File.Exists(Path.Combine(d, "bin", "postgres")))
                .OrderByDescending(d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out var major) ? major : 0).ToList()
            : [];
        if (File.Exists(version) && installed.Find(d => Path.GetFileName(d) == File.ReadAllText(version).Trim()) is { } same)
            return Path.Combine(same, "bin");
        var found = Programs.Find("postgres", "postgresql", [.. installed.Select(d => Path.Combine(d, "bin"))]);
        return Path.GetDirectoryName(File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName ?? found)!;
    }

    private static string HomeOutside(ServerRequest request, SystemUser user)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.Directory)))[..16];
        var home = Path.Combine("/var/tmp", $"talentsphere-{hash}");
        if (!Directory.Exists(home))
        {
            StateDirectory.Create(home);
            user.Own(home);
        }
        if (!user.Owns(home))
            throw new DistributedApplicationException($"{home} belongs to somebody else: remove it, or give another MESH_STATE.");
        return home;
    }

    /// <summary>Removes what lies outside of the state directory.</summary>
    public static void Discard(string directory)
    {
        var marker = Path.Combine(directory, _clusterMarker);
        if (!File.Exists(marker))
            return;
        var home = Path.GetDirectoryName(File.ReadAllText(marker))!;
        if (Directory.Exists(home))
            Directory.Delete(home, recursive: true);
    }

    private sealed partial record SystemUser(string Name, uint Id, uint Group)
    {
        public static SystemUser First(params string[] names)
        {
            var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(f => f.Length > 3).ToDictionary(f => f[0], StringComparer.Ordinal);
            var name = names.FirstOrDefault(users.ContainsKey)
                ?? throw new DistributedApplicationException(
                    $"PostgreSQL does not run as root, and there is no user {string.Join(" or ", names)} to run it as.");
            return new(name, uint.Parse(users[name][2], CultureInfo.InvariantCulture), uint.Parse(users[name][3], CultureInfo.InvariantCulture));
        }

        public void Own(string path)
        {
            if (ChangeOwner(path, Id, Group) != 0)
                throw new DistributedApplicationException($"{path} cannot be given to {Name}: error {Marshal.GetLastPInvokeError()}.");
        }

        /// <summary>A directory of this user that no other user can reach into, and no link.</summary>
        public bool Owns(string directory) =>
            new DirectoryInfo(directory) is { LinkTarget: null, UnixFileMode: UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute }
            && OwnerOf(directory) == Id;

        private static uint OwnerOf(string directory)
        {
            var stat = new ProcessStartInfo("stat", ["--format=%u", directory]) { UseShellExecute = false, RedirectStandardOutput = true };
            using var probe = Process.Start(stat)!;
            return uint.Parse(probe.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
        }

        [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
        private static partial int ChangeOwner(string path, uint user, uint group);
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>
/// Free TCP ports on loopback, held for as long as the AppHost lives. They lie below the range that the system hands to outgoing connections, so that
/// none is taken between two starts of a process; a lock file per port keeps other meshes of the same user from choosing it meanwhile.
/// </summary>
internal sealed class PortLeases : IDisposable
{
    private readonly List<FileStream> _locks = [];
    private readonly string _directory = StateDirectory.Create(Path.Combine(Path.GetTempPath(), $"talentsphere-ports-{Environment.UserName}"));
    private readonly (int From, int To) _range = Range();

    public PortLeases() => Sweep();

    public int Take()
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(_range.From, _range.To);
            if (TryLock(port) is not { } held)
                continue;
            if (IsFree(port))
            {
                _locks.Add(held);
                return port;
            }
            Release(held);
        }
        throw new DistributedApplicationException($"No free port was found between {_range.From} and {_range.To}.");
    }

    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => _locks.ForEach(Release);

    /// <summary>Deleted while it is locked: whoever opened it before and gets the lock after sees in <see cref="TryLock"/> that it is gone.</summary>
    private static void Release(FileStream held)
    {
        File.Delete(held.Name);
        held.Dispose();
    }

    /// <summary>What meshes left behind that were killed: whatever can be locked belongs to nobody.</summary>
    private void Sweep()
    {
        foreach (var path in Directory.EnumerateFiles(_directory))
        {
            if (int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var port) && TryLock(port) is { } stale)
                Release(stale);
        }
    }

    private FileStream? TryLock(int port)
    {
        try
        {
            var path = Path.Combine(_directory, port.ToString(CultureInfo.InvariantCulture));
            var held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            if (File.Exists(path))
                return held;
            held.Dispose();
            return null;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DistributedApplicationException($"{_directory} belongs to somebody else: remove it.", e);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static (int From, int To) Range()
    {
        const string setting = "/proc/sys/net/ipv4/ip_local_port_range";
        var outgoing = File.Exists(setting)
            ? int.Parse(File.ReadAllText(setting).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture)
            : 32768;
        return outgoing > 12_000 ? (Math.Max(10_000, outgoing - 12_000), outgoing) : (20_000, 60_000);
    }
}

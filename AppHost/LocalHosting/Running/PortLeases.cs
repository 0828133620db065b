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
            held.Dispose();
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

    public void Dispose() => _locks.ForEach(held => held.Dispose());

    private FileStream? TryLock(int port)
    {
        try
        {
            var path = Path.Combine(_directory, port.ToString(CultureInfo.InvariantCulture));
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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

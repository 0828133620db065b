using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace TalentSphere.Cli.Mesh;

/// <summary>Talks to a running mesh over its control socket, which only its owner can open.</summary>
public sealed class ControlClient : IDisposable
{
    private readonly HttpClient _http;

    private ControlClient(string socket) => _http = new HttpClient(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = new Uri("http://mesh"),
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>The running mesh, or null when none runs on the state directory.</summary>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <param name="state">The state directory; null for this checkout's.</param>
    public static async Task<ControlClient?> FindAsync(CancellationToken cancellationToken, string? state = null)
    {
        var socket = Path.Combine(state ?? MeshPaths.State, "control.sock");
        // A socket's path has room for some hundred bytes; a deep checkout keeps it elsewhere and says where.
        var pointer = Path.Combine(state ?? MeshPaths.State, "control");
        if (!File.Exists(socket) && File.Exists(pointer))
            socket = (await File.ReadAllTextAsync(pointer, cancellationToken)).Trim();
        if (!File.Exists(socket))
            return null;
        var client = new ControlClient(socket);
        try
        {
            await client.StatusAsync(cancellationToken);
            return client;
        }
        catch (HttpRequestException)
        {
            // The file of a mesh that was killed: nobody listens.
            client.Dispose();
            return null;
        }
    }

    /// <summary>The running mesh.</summary>
    /// <exception cref="MeshException">None runs.</exception>
    public static async Task<ControlClient> RequireAsync(CancellationToken cancellationToken) =>
        await FindAsync(cancellationToken) ?? throw new MeshException("no mesh is running here; start one with ./mesh up");

    /// <summary>How it is.</summary>
    public async Task<MeshStatus> StatusAsync(CancellationToken cancellationToken) =>
        await _http.GetFromJsonAsync<MeshStatus>("/status", JsonSerializerOptions.Web, cancellationToken) ?? throw new MeshException("the mesh gave no status");

    /// <summary>The same, as the mesh wrote it.</summary>
    public Task<string> StatusTextAsync(CancellationToken cancellationToken) => _http.GetStringAsync("/status", cancellationToken);

    /// <summary>A resource's connection string or address.</summary>
    public async Task<string> ConnectionAsync(string name, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync("/connections/" + Uri.EscapeDataString(name), cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new MeshException($"there is no connection named '{name}'");
        return (await response.Content.ReadAsStringAsync(cancellationToken)).Trim();
    }

    /// <summary>A generated parameter's value.</summary>
    public async Task<string> ParameterAsync(string name, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync("/parameters/" + Uri.EscapeDataString(name), cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new MeshException($"there is no parameter named '{name}'");
        return (await response.Content.ReadAsStringAsync(cancellationToken)).Trim();
    }

    /// <summary>Starts, stops or restarts a resource; returns when that is done.</summary>
    public async Task CommandAsync(string name, string command, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsync($"/resources/{Uri.EscapeDataString(name)}/{command}", content: null, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new MeshException($"'{command}' of '{name}': {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }

    /// <summary>Asks for an ordered stop.</summary>
    public async Task ShutdownAsync(CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsync("/shutdown", content: null, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}

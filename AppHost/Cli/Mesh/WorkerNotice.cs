using System.Net;
using System.Text.Json;

namespace TalentSphere.Cli.Mesh;

/// <summary>A process that runs and still cannot do its work on this machine (the judge, where no sandbox can be made) is no failure of the mesh, and is told.</summary>
internal static class WorkerNotice
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>A line for each process that is healthy and not ready.</summary>
    /// <param name="status">The mesh.</param>
    /// <param name="wait">Wait for those that still find out.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    public static async Task PrintAsync(MeshStatus status, bool wait, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(GatewayHttp.Handler()) { Timeout = TimeSpan.FromSeconds(5) };
        var asked = status.Resources.Where(r => r is { Type: "Project", Health: "Healthy", Urls: [_, ..] });
        var lines = await Task.WhenAll(asked.Select(r => AskAsync(http, r.Name, r.Urls![0], wait, cancellationToken)));
        foreach (var line in lines.OfType<string>())
            Console.WriteLine(line);
    }

    /// <summary>The same once this checkout's mesh is healthy, for one that tells its start on the terminal itself.</summary>
    public static async Task PrintOnceHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var mesh = await ControlClient.FindAsync(cancellationToken);
                if (mesh is not null && await mesh.StatusAsync(cancellationToken) is { Mesh.Healthy: true } status)
                {
                    await PrintAsync(status, wait: true, cancellationToken);
                    return;
                }
                await Task.Delay(500, cancellationToken);
            }
        }
        catch (Exception e) when (e is HttpRequestException || cancellationToken.IsCancellationRequested)
        {
            // It ended meanwhile, and has told so.
            return;
        }
    }

    private static async Task<string?> AskAsync(HttpClient http, string name, string url, bool wait, CancellationToken cancellationToken)
    {
        var until = DateTimeOffset.UtcNow + _patience;
        while (true)
        {
            try
            {
                using var response = await http.GetAsync(new Uri(new Uri(url), "/ready"), cancellationToken);
                if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
                    return null;
                using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
                var red = body.RootElement.GetProperty("checks").EnumerateObject().Where(c => c.Value.GetProperty("status").GetString() == "unavailable").Select(c => c.Name).ToList();
                if (!red.Contains("startup") || !wait || DateTimeOffset.UtcNow > until)
                    return $"Notice: {name} runs, but cannot do its work here: {string.Join(", ", red)} (./mesh logs {name} says why). What needs it waits.";
            }
            catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // Whether it answers at all is what its health says.
                return null;
            }
            await Task.Delay(100, cancellationToken);
        }
    }
}

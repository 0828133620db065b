using System.Net;
using System.Text;
using System.Text.Json;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.TestKit;

/// <summary>Rebuilds a service's projection as an administrator does, by its routes.</summary>
/// <param name="admin">Signed in with the role <c>admin</c>.</param>
/// <param name="service">The service's name in the mesh.</param>
public sealed class RebuildDriver(HttpClient admin, string service)
{
    /// <summary>Where the rebuild is.</summary>
    public string Route { get; } = $"/api/v1/admin/{service}/events/shadow";

    /// <summary>Begins one, whatever was there before.</summary>
    public async Task<Answer> BeginAnewAsync(string query = "")
    {
        await admin.RemoveAsync(Route);
        return await admin.PostAsync(Route + query);
    }

    /// <summary>Brings events as lines.</summary>
    public Task<Answer> BringAsync(IEnumerable<EventEnvelope> events, string source = "tests") =>
        BringTextAsync(string.Join('\n', events.Select(e => JsonSerializer.Serialize(e, ApiJson.Options))), source);

    /// <summary>Brings any text.</summary>
    public Task<Answer> BringTextAsync(string lines, string source = "tests") => admin.ReadAsync(
        new HttpRequestMessage(HttpMethod.Put, $"{Route}/events?source={source}") { Content = new StringContent(lines, Encoding.UTF8, "application/x-ndjson") });

    /// <summary>Has it compared, and waits for the outcome.</summary>
    public Task<Answer> CompareAsync() => RunAsync("/comparison");

    /// <summary>Has it put live, and waits for the outcome.</summary>
    public Task<Answer> SwapAsync(bool acceptLoss = false) => RunAsync("/swap" + (acceptLoss ? "?acceptLoss=true" : ""));

    /// <summary>How it is.</summary>
    public Task<Answer> LookAsync() => admin.AskAsync(Route);

    private async Task<Answer> RunAsync(string what)
    {
        // Whoever was at it before may still be letting go.
        var taken = await Eventually.SeesAsync(() => admin.PostAsync(Route + what), a => a.Code != "REBUILD_BUSY", "nobody at the rebuild");
        return taken.Status != HttpStatusCode.Accepted
            ? taken
            : await Eventually.SeesAsync(LookAsync, a => !a.Data["working"]!.GetValue<bool>(), $"the end of {what}", TimeSpan.FromSeconds(60));
    }
}

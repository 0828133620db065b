using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using TalentSphere.Judge.Sandbox;

namespace TalentSphere.Judge.Jobs;

/// <summary>
/// Has this worker judge a program of its own, over HTTP as its callers do, once it may judge: what the runtime compiles on first use is not what the first
/// person who submits something waits for.
/// </summary>
internal sealed partial class WarmUp(Workshop workshop, IServer server, IOptions<JudgeOptions> options, ILogger<WarmUp> logger)
{
    private const int _times = 3;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(a => a.StartsWith("http://", StringComparison.Ordinal)) is not { } address
            || workshop.Toolchains.FirstOrDefault(t => t is { IsAvailable: true, Language.Compile: null }) is not { } toolchain)
            return;
        var port = new Uri(address.Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal)).Port;
        using var http = new HttpClient { BaseAddress = new UriBuilder("http", "localhost", port).Uri };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Value.Key);
        var job = new JudgeJob { Id = Guid.CreateVersion7(), Language = toolchain.Language.Id, Tests = [new JobTest()] };
        try
        {
            for (var i = 0; i < _times; i++)
            {
                using var response = await http.PostAsJsonAsync("/judge/jobs", job, ServiceDefaults.Http.ApiJson.Options, cancellationToken);
                await response.Content.CopyToAsync(Stream.Null, cancellationToken);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            Cold(logger, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The worker could not warm itself up: {Reason}")]
    private static partial void Cold(ILogger logger, string reason);
}

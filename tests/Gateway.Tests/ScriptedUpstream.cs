using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TalentSphere.Gateway.Tests;

/// <summary>A service whose resources each test makes up for itself, and which counts how often each was asked for.</summary>
public sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Resource> _resources = new();
    private WebApplication _app = null!;

    public string Address => _app.Urls.First();

    public static async Task<ScriptedUpstream> StartAsync()
    {
        var upstream = new ScriptedUpstream();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        upstream._app = builder.Build();
        upstream._app.MapFallback("{**path}", context =>
            upstream._resources.TryGetValue(context.Request.Path.Value!, out var resource) ? resource.AnswerAsync(context) : NotThereAsync(context));
        await upstream._app.StartAsync();
        return upstream;
    }

    /// <summary>Makes a resource up, at a path of its own between <paramref name="area"/> and <paramref name="below"/>.</summary>
    public Resource Serve(string area, Func<HttpContext, Task> answer, string below = "")
    {
        var resource = new Resource($"{area}/{Guid.CreateVersion7():N}{below}", answer);
        _resources[resource.Path] = resource;
        return resource;
    }

    /// <summary>Answers half of what it promised: the server ends the connection behind it.</summary>
    public static Task BreakOffAsync(HttpContext context)
    {
        context.Response.ContentLength = 1000;
        return context.Response.WriteAsync("half of it");
    }

    /// <summary>Answers nothing for as long as somebody waits for it.</summary>
    public static Task HangAsync(HttpContext context) => SlowPeer.HangAsync(context.RequestAborted);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static Task NotThereAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}

/// <summary>What a test made up.</summary>
public sealed class Resource(string path, Func<HttpContext, Task> answer)
{
    private int _asked;

    public string Path => path;

    /// <summary>How often it was asked for.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>What it says now.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = answer;

    public Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _asked);
        return Answer(context);
    }
}

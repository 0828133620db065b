using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TalentSphere.Gateway.Tests;

/// <summary>
/// A small service behind the gateway, on a port of its own. It answers with what it was asked; what the last part of a path says, it
/// does: <c>slow</c>, <c>large</c>, <c>boastful</c>, <c>hang-up</c>, <c>own-503</c>.
/// </summary>
internal sealed class Upstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Upstream(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    public static async Task<Upstream> StartAsync(string name, JsonObject? document = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(k => k.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        app.UseWebSockets();
        // As every service does; an answer without it is by something else in its place.
        app.Use((context, next) =>
        {
            context.Response.Headers["x-correlation-id"] = context.Request.Headers["x-correlation-id"];
            return next(context);
        });
        app.MapGet("/openapi/v1.json", () => document is null ? Results.NotFound() : Results.Json(document));
        app.Map("/hubs/notifications", EchoFramesAsync);
        app.MapFallback("{**path}", context => AnswerAsync(context, name));
        await app.StartAsync();
        return new(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context, string name)
    {
        switch (context.Request.Path.Value!.Split('/')[^1])
        {
            case "slow":
                await Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted);
                return;
            case "large":
                await context.Response.WriteAsJsonAsync(new { text = string.Concat(Enumerable.Repeat("all work and no play ", 2000)) });
                return;
            case "boastful":
                context.Response.Headers.Server = "Boast/1.0";
                context.Response.Headers["X-Powered-By"] = "Boast";
                context.Response.Headers.XFrameOptions = "ALLOWALL";
                context.Response.Headers["RateLimit"] = "\"theirs\";r=7;t=7";
                context.Response.Headers["RateLimit-Policy"] = "\"theirs\";q=7;w=7";
                foreach (var header in (string[])["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"])
                    context.Response.Headers[header] = "7";
                return;
            case "hang-up":
                context.Abort();
                return;
            case "own-503":
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                context.Response.Headers.RetryAfter = "7";
                await context.Response.WriteAsJsonAsync(new { success = false, error = new { code = "DEPENDENCY_UNAVAILABLE" } });
                return;
        }
        using var body = new StreamReader(context.Request.Body);
        var text = await body.ReadToEndAsync(context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new
        {
            service = name,
            method = context.Request.Method,
            path = context.Request.Path.Value,
            query = context.Request.QueryString.Value,
            headers = context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToArray()),
            body = text.Length <= 1000 ? text : text.Length.ToString(),
        });
    }

    private static async Task EchoFramesAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } frame)
            await socket.SendAsync(buffer.AsMemory(0, frame.Count), frame.MessageType, frame.EndOfMessage, context.RequestAborted);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", context.RequestAborted);
    }
}

using System.Diagnostics;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TalentSphere.ServiceDefaults;

namespace TalentSphere.Benchmarks.Auth;

/// <summary>A service with nothing but what every service has; asked to check tokens as it does for each request, without the network around it.</summary>
public sealed class CheckingService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private CheckingService(WebApplication app) => _app = app;

    /// <summary>Starts it.</summary>
    /// <param name="auth">Where keys and revocations are read.</param>
    /// <param name="cachedTokens">How many it remembers; 0: none.</param>
    public static async Task<CheckingService> StartAsync(Uri auth, int cachedTokens)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["Auth:KeySetAddress"] = new Uri(auth, "/.well-known/jwks.json").ToString();
        builder.Configuration["Auth:CachedTokens"] = cachedTokens.ToString();
        builder.AddServiceDefaults("measured");
        var app = builder.Build();
        app.UseServiceDefaults();
        await app.StartAsync();
        return new(app);
    }

    /// <summary>Checks the tokens in turn on one thread, as long as told.</summary>
    /// <returns>Checks per second of processor time.</returns>
    /// <exception cref="InvalidOperationException">A token was refused: what was measured is not a check.</exception>
    public async Task<double> ChecksPerCoreSecondAsync(IReadOnlyList<string> tokens, TimeSpan time)
    {
        var headers = tokens.Select(t => "Bearer " + t).ToArray();
        var (watch, before, checks) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime, 0);
        while (watch.Elapsed < time)
        {
            // Handlers live as long as a scope: each check has its own, as each request does.
            await using var request = _app.Services.CreateAsyncScope();
            var context = new DefaultHttpContext { RequestServices = request.ServiceProvider };
            context.Request.Headers.Authorization = headers[checks % headers.Length];
            var result = await request.ServiceProvider.GetRequiredService<IAuthenticationService>().AuthenticateAsync(context, scheme: null);
            if (!result.Succeeded)
                throw new InvalidOperationException("A good token was refused.", result.Failure);
            checks++;
        }
        return checks / (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

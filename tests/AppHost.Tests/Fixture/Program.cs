using System.Collections;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A service that does what the tests of LocalHosting ask of it.
if (Environment.GetEnvironmentVariable("FIXTURE_EXIT") is { } code)
{
    Console.WriteLine($"ending with {code} as told");
    return int.Parse(code, System.Globalization.CultureInfo.InvariantCulture);
}

using var deaf = Environment.GetEnvironmentVariable("FIXTURE_STUBBORN") is null
    ? null
    : PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => c.Cancel = true);
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseKestrelHttpsConfiguration();
var app = builder.Build();
var ready = Environment.GetEnvironmentVariable("FIXTURE_UNREADY") is null;

app.MapGet("/health", () => "ok");
app.MapGet("/health/startup", () => "ok");
app.MapGet("/ready", () => ready ? Results.Ok("ok") : Results.Text("postgres", statusCode: StatusCodes.Status503ServiceUnavailable));
app.MapGet("/env", () => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
    .ToDictionary(e => (string)e.Key, e => (string?)e.Value, StringComparer.Ordinal));
app.MapGet("/pid", () => Environment.ProcessId);
app.MapPost("/crash", () => Environment.FailFast("crashed as told"));
app.MapPost("/say", (string text) => Console.WriteLine(text));

Console.WriteLine("fixture started");
await app.StartAsync();
if (deaf is not null)
    await Task.Delay(Timeout.InfiniteTimeSpan);
await app.WaitForShutdownAsync();
return 0;

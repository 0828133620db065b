using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace TalentSphere.Benchmarks.Edge;

/// <summary>What one run of wrk saw.</summary>
/// <param name="Requests">Answers in all.</param>
/// <param name="PerSecond">Answers a second.</param>
/// <param name="P99">The 99th percentile of the times to an answer, in milliseconds.</param>
/// <param name="Failed">Answers that were not 2xx or 3xx, and connections that broke or timed out.</param>
internal sealed partial record Wrk(long Requests, double PerSecond, double P99, long Failed)
{
    /// <summary>Asks for one address over connections that are kept, each as soon as it has its answer.</summary>
    public static async Task<Wrk> RunAsync(Uri address, string? token, int connections, TimeSpan time)
    {
        string[] authorization = token is null ? [] : ["-H", $"Authorization: Bearer {token}"];
        var start = new ProcessStartInfo(
            "wrk", ["-t2", $"-c{connections}", $"-d{Math.Ceiling(time.TotalSeconds)}s", "--timeout", "10s", "--latency", .. authorization, address.ToString()])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"wrk ended with {process.ExitCode}: {output}");
        var errors = Errors().Match(output);
        return new(
            (long)Number(Total().Match(output)), Number(Rate().Match(output)), Number(Percentile().Match(output)) * Unit(Percentile().Match(output)),
            (long)Number(Unsuccessful().Match(output), isThere: false) + errors.Groups.Values.Skip(1).Sum(g => g.Success ? long.Parse(g.Value, CultureInfo.InvariantCulture) : 0));
    }

    private static double Number(Match match, bool isThere = true) => match.Success ? double.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture)
        : isThere ? throw new FormatException("wrk says something else than it did.") : 0;

    private static double Unit(Match match) => match.Groups["unit"].Value switch
    {
        "us" => 0.001,
        "ms" => 1,
        "s" => 1000,
        _ => 60_000,
    };

    [GeneratedRegex(@"(?<n>\d+) requests in ", RegexOptions.ExplicitCapture)]
    private static partial Regex Total();

    [GeneratedRegex(@"Requests/sec:\s+(?<n>[\d.]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Rate();

    [GeneratedRegex(@"99%\s+(?<n>[\d.]+)(?<unit>us|ms|s|m)\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Percentile();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (?<n>\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Unsuccessful();

    [GeneratedRegex(@"Socket errors: connect (?<c>\d+), read (?<r>\d+), write (?<w>\d+), timeout (?<t>\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Errors();
}

using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using TalentSphere.Cli.Events;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh audit</c>: whether the audit is what was written.</summary>
public static class AuditCommand
{
    private const string _path = "/api/v1/auth/audit/verification";

    /// <summary>The command.</summary>
    public static Command Create() => new("audit", "The audit of who did what.") { Verify() };

    private static Command Verify()
    {
        var anchor = new Option<string?>("--anchor") { Description = "An end of the chain as an earlier run, or auth's log, told it (number:hash): it must be there still." };
        var json = new Option<bool>("--json") { Description = "As JSON, for programs." };
        var command = new Command("verify", "Recomputes the chain of entries and names the first that does not hold.") { anchor, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var expected = parsed.GetValue(anchor) is { } text ? Read(text) : null;
            using var http = await SignInAsync(cancellationToken);
            var outcome = await VerifyAsync(http, expected, cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(outcome, EventsApi.Json));
            else
                Console.WriteLine(outcome.Describe());
            return outcome.Fault is null ? 0 : 1;
        });
        return command;
    }

    private static async Task<Outcome> VerifyAsync(HttpClient http, Anchor? expected, CancellationToken cancellationToken)
    {
        var end = new Anchor(0, "");
        while (true)
        {
            // Stops at the anchor, whose hash it wants to see.
            var limit = expected is { } a && end.Sequence < a.Sequence ? $"&upTo={a.Sequence}" : "";
            using var response = await http.GetAsync($"{_path}?after={end.Sequence.ToString(CultureInfo.InvariantCulture)}{limit}", cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw new MeshException($"auth answered {(int)response.StatusCode}");
            var check = (await response.Content.ReadFromJsonAsync<Body>(EventsApi.Json, cancellationToken))?.Data ?? throw new MeshException("auth gave no answer that can be read");
            if (check.Fault is not null)
                return new(check.End.Sequence, check.Head, check.Fault);
            if (expected is not null && check.Head.Sequence < expected.Sequence)
                return new(check.End.Sequence, check.Head, new(expected.Sequence, "is missing: the chain was longer once"));
            if (check.End.Sequence == expected?.Sequence && check.End.Hash != expected.Hash)
                return new(check.End.Sequence, check.Head, new(expected.Sequence, "is not what it was: the chain was written anew"));
            // More may have been appended since: what was the end when it was asked for is enough.
            if (check.End.Sequence >= check.Head.Sequence || check.End.Sequence == end.Sequence)
                return new(check.End.Sequence, check.End, null);
            end = check.End;
        }
    }

    private static async Task<HttpClient> SignInAsync(CancellationToken cancellationToken)
    {
        using var mesh = await ControlClient.RequireAsync(cancellationToken);
        var status = await mesh.StatusAsync(cancellationToken);
        var http = GatewayHttp.Open(status);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenCommand.SignInAsync(mesh, "admin", cancellationToken));
        return http;
    }

    private static Anchor Read(string text) =>
        text.Split(':') is [var number, { Length: 64 } hash] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) && sequence > 0
            ? new(sequence, hash.ToLowerInvariant())
            : throw new MeshException("--anchor takes number:hash as ./mesh audit verify prints it");

    private sealed record Anchor(long Sequence, string Hash);

    private sealed record Fault(long Sequence, string Reason);

    private sealed record Check(Anchor End, Anchor Head, Fault? Fault);

    private sealed record Body(Check? Data);

    private sealed record Outcome(long Good, Anchor End, Fault? Fault)
    {
        public string Describe() => Fault is null
            ? $"{Good} entries hold. The chain ends with {End.Sequence}:{End.Hash}"
            : $"Entry {Fault.Sequence} {Fault.Reason}. {Good} entries before it hold.";
    }
}

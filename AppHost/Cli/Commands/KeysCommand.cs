using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh keys</c>: the keys that access tokens are signed with.</summary>
public static class KeysCommand
{
    private const string _route = "/api/v1/auth/keys";
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The command and those below it.</summary>
    public static Command Create() => new("keys", "The keys that access tokens are signed with.") { CreateList(), CreateRotate() };

    private static Command CreateList()
    {
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var command = new Command("list", "Which keys sign, are about to, or are still believed.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var http = await OpenAsync(cancellationToken);
            var keys = (await ReadAsync<List<SigningKey>>(await http.GetAsync(_route, cancellationToken), cancellationToken))!;
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(keys, _json));
            else
                keys.ForEach(Print);
            return 0;
        });
        return command;
    }

    private static Command CreateRotate()
    {
        var emergency = new Option<bool>("--emergency")
        {
            Description = "A key was stolen: the new one signs at once, and every access token that is out is refused from now on. Sessions go on.",
        };
        var command = new Command("rotate", "Publish a new key, which signs two minutes later; nobody notices.") { emergency };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var http = await OpenAsync(cancellationToken);
            using var answer = await http.PostAsJsonAsync($"{_route}/rotate", new { emergency = parsed.GetValue(emergency) }, cancellationToken);
            Print((await ReadAsync<SigningKey>(answer, cancellationToken))!);
            return 0;
        });
        return command;
    }

    private static async Task<HttpClient> OpenAsync(CancellationToken cancellationToken)
    {
        using var mesh = await ControlClient.RequireAsync(cancellationToken);
        var status = await mesh.StatusAsync(cancellationToken);
        var token = await TokenCommand.SignInAsync(mesh, "admin", cancellationToken);
        var http = GatewayHttp.Open(status);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    private static async Task<T?> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (!answer.IsSuccessStatusCode)
            throw new MeshException($"auth answered {(int)answer.StatusCode}");
        return (await answer.Content.ReadFromJsonAsync<Body<T>>(_json, cancellationToken))!.Data;
    }

    private static void Print(SigningKey key) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{key.Id}  {key.State,-9}  signs from {key.SignsFrom:yyyy-MM-dd HH:mm:ss}Z{(key.SignsUntil is { } until ? $" until {until:yyyy-MM-dd HH:mm:ss}Z" : "")}"));

    private sealed record Body<T>(T? Data);

    private sealed record SigningKey(Guid Id, string State, DateTime CreatedAt, DateTime SignsFrom, DateTime? SignsUntil, DateTime? PublishedUntil);
}

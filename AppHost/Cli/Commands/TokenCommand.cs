using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh token</c>: an access token of a seeded development account, for curl.</summary>
public static class TokenCommand
{
    private static readonly string[] _roles = ["jobseeker", "employer", "instructor", "admin", "ops"];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var role = new Argument<string>("role") { Description = string.Join(", ", _roles) };
        role.AcceptOnlyFromAmong(_roles);
        var command = new Command("token", "An access token of the seeded development account of a role.") { role };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var mesh = await ControlClient.RequireAsync(cancellationToken);
            Console.WriteLine(await SignInAsync(mesh, parsed.GetRequiredValue(role), cancellationToken));
            return 0;
        });
        return command;
    }

    /// <summary>Signs the seeded account of a role in.</summary>
    public static async Task<string> SignInAsync(ControlClient mesh, string role, CancellationToken cancellationToken)
    {
        var status = await mesh.StatusAsync(cancellationToken);
        var password = await mesh.ParameterAsync("seed-password", cancellationToken);
        using var http = GatewayHttp.Open(status);
        using var response = await http.PostAsJsonAsync("/api/v1/auth/login", new { email = $"{role}@talentsphere.example", password }, cancellationToken);
        var body = await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
        return body?["data"]?["accessToken"]?.GetValue<string>() ?? throw new MeshException($"signing in as {role} failed: {body?["error"]?["message"]}");
    }
}

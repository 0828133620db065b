using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>What an operator asks about accounts at the command line: the mails, and whether the audit is what was written.</summary>
public sealed class AccountCommandTests(MeshFixture mesh)
{
    [Fact]
    public async Task Mail_shows_what_was_sent_to_whom_and_the_link_in_it_works()
    {
        var person = await mesh.RegisterAsync("jobseeker");
        var other = await mesh.RegisterAsync("employer");
        await Eventually.SeesAsync(() => MailsAsync(other.Email), m => m.Count == 1, "the other's mail");
        var mail = (await Eventually.SeesAsync(() => MailsAsync(person.Email), m => m.Count == 1, "the person's mail")).Single()!;
        mail["subject"]!.GetValue<string>().ShouldBe("Confirm your e-mail address");
        mail["to"]!.GetValue<string>().ShouldContain($"<{person.Email}>");
        (await MailsAsync(person.Email.ToUpperInvariant())).Count.ShouldBe(1);

        var shown = await mesh.Command.RunAsync("mail", person.Email);
        shown.ExitCode.ShouldBe(0, shown.ToString());
        shown.Output.ShouldContain("Confirm your e-mail address");
        shown.Output.ShouldNotContain(other.Email);
        (await mesh.Command.RunAsync("mail")).Output.ShouldContain(other.Email);
        (await mesh.Command.RunAsync("mail", "nobody@mesh.talentsphere.example")).Output.ShouldContain("None yet.");

        using var client = mesh.Anonymous();
        var token = mail["text"]!.GetValue<string>().Split("#token=")[1].Split('\n')[0].Trim();
        (await client.PostAsync("/api/v1/auth/email/verify", new { token })).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Audit_verify_holds_and_names_the_entry_that_somebody_has_touched()
    {
        var person = await mesh.RegisterAsync("jobseeker");
        using var client = mesh.Anonymous();
        await client.PostAsync("/api/v1/auth/login", new { email = person.Email, password = "not-" + person.Password });
        var (good, before) = await VerifyAsync();
        good.ShouldBe(0, before.ToJsonString());
        var anchor = $"{before["end"]!["sequence"]}:{before["end"]!["hash"]!.GetValue<string>()}";

        await using var database = NpgsqlDataSource.Create(await AdministratorAsync());
        var sequence = (long)(await ScalarAsync(database, "SELECT max(sequence) - 1 FROM audit_entries"))!;
        // The service's own login cannot do this; whoever owns the server can.
        await TamperAsync(database, "UPDATE audit_entries SET act = act || 'x' WHERE sequence = $1", sequence);
        try
        {
            var (exitCode, found) = await VerifyAsync();
            exitCode.ShouldBe(1, found.ToJsonString());
            found["fault"]!["sequence"]!.GetValue<long>().ShouldBe(sequence);
            var told = await mesh.Command.RunAsync("audit", "verify");
            told.ExitCode.ShouldBe(1, told.ToString());
            told.Output.ShouldContain($"Entry {sequence} ");
        }
        finally
        {
            await TamperAsync(database, "UPDATE audit_entries SET act = left(act, -1) WHERE sequence = $1", sequence);
        }
        var again = await mesh.Command.RunAsync("audit", "verify", "--anchor", anchor);
        again.ExitCode.ShouldBe(0, again.ToString());
        again.Output.ShouldContain("entries hold. The chain ends with");
        var forged = await mesh.Command.RunAsync("audit", "verify", "--anchor", $"{anchor.Split(':')[0]}:{new string('0', 64)}");
        forged.ExitCode.ShouldBe(1, forged.ToString());
        forged.Output.ShouldContain("the chain was written anew");
    }

    private async Task<JsonArray> MailsAsync(string address)
    {
        var outcome = await mesh.Command.RunAsync("mail", address, "--json");
        outcome.ExitCode.ShouldBe(0, outcome.ToString());
        return JsonNode.Parse(outcome.Output)!.AsArray();
    }

    private async Task<(int ExitCode, JsonNode Outcome)> VerifyAsync()
    {
        var outcome = await mesh.Command.RunAsync("audit", "verify", "--json");
        return (outcome.ExitCode, JsonNode.Parse(outcome.Output) ?? throw new InvalidOperationException(outcome.ToString()));
    }

    /// <summary>The server's owner, in auth's database.</summary>
    private async Task<string> AdministratorAsync()
    {
        var (server, auth) = (await mesh.Command.RunAsync("connection", "postgres"), await mesh.Command.RunAsync("connection", "auth"));
        return new NpgsqlConnectionStringBuilder(ServerAddress.Postgres(server.Output.Trim()))
        {
            Database = new NpgsqlConnectionStringBuilder(ServerAddress.Postgres(auth.Output.Trim())).Database,
        }.ConnectionString;
    }

    private static async Task<object?> ScalarAsync(NpgsqlDataSource database, string query)
    {
        await using var command = database.CreateCommand(query);
        return await command.ExecuteScalarAsync();
    }

    private static async Task TamperAsync(NpgsqlDataSource database, string statement, long sequence)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection)
        {
            // Triggers are for everybody but a replica.
            BatchCommands = { new("SET session_replication_role = replica"), new(statement) { Parameters = { new() { Value = sequence } } }, new("RESET session_replication_role") },
        };
        await batch.ExecuteNonQueryAsync();
    }
}

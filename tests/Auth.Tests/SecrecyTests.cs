using System.Text;
using Npgsql;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class SecrecyTests(AuthFixture auth)
{
    [Fact]
    public async Task No_table_log_line_or_event_holds_a_password_or_a_token()
    {
        const string password = "never-written-anywhere-31";
        var email = AuthFixture.NewEmail();
        var registered = await auth.Anonymous().PostAsync("/api/v1/auth/register", new { email, password, name = "Mia" });
        registered.Status.ShouldBe(HttpStatusCode.Created, registered.Body);
        var first = registered.Data["refreshToken"]!.GetValue<string>();
        var refreshed = await auth.RefreshAsync(first);
        var wrong = await auth.LoginAsync(email, password + "-wrong");
        wrong.Code.ShouldBe("AUTH_001");
        var login = await auth.LoginAsync(email, password);
        await auth.Bearer(login.Data["accessToken"]!.GetValue<string>()).PostAsync("/api/v1/auth/logout", new { refreshToken = first });
        await auth.Anonymous().PostAsync("/api/v1/auth/password/forgot", new { email });
        var reset = (await auth.MailsAsync(email, "Choose"))[0].Token;
        var again = await auth.Anonymous().PostAsync("/api/v1/auth/password/reset", new { token = reset, newPassword = password + "-2" });
        again.Status.ShouldBe(HttpStatusCode.OK, again.Body);
        string[] secrets =
        [
            (await auth.MailsAsync(email, "Confirm"))[0].Token, reset, password,
            registered.Data["deviceToken"]!.GetValue<string>(), again.Data["deviceToken"]!.GetValue<string>(), first, registered.Data["accessToken"]!.GetValue<string>(), refreshed.Data["refreshToken"]!.GetValue<string>(),
            refreshed.Data["accessToken"]!.GetValue<string>(), login.Data["refreshToken"]!.GetValue<string>(),
        ];
        await auth.Events.ExpectAsync<Contracts.Auth.UserLoggedOut>(2, e => e.UserId == registered.Data["user"]!["id"]!.GetValue<Guid>());

        var places = new Dictionary<string, string>
        {
            ["tables"] = await DumpAsync(),
            ["log"] = string.Join('\n', auth.Log),
            ["events"] = string.Join('\n', auth.Events.Heard.Select(e => e.ToString() + e.Data.GetRawText())),
        };
        places["tables"].ShouldContain(email, Case.Sensitive, "the dump sees what is there");
        places["log"].ShouldContain("/api/v1/auth/login");
        foreach (var (place, text) in places)
        {
            foreach (var secret in secrets)
            {
                text.Contains(secret, StringComparison.Ordinal).ShouldBeFalse(place);
                text.Contains(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(secret)), StringComparison.OrdinalIgnoreCase).ShouldBeFalse(place);
            }
        }
    }

    private async Task<string> DumpAsync()
    {
        await using var connection = new NpgsqlConnection(auth.ConnectionString);
        await connection.OpenAsync();
        var tables = new List<string>();
        await using (var command = new NpgsqlCommand("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'", connection))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                tables.Add(reader.GetString(0));
        }
        tables.Count.ShouldBeGreaterThan(5);
        var dump = new StringBuilder();
        foreach (var table in tables)
        {
            await using var command = new NpgsqlCommand($"SELECT coalesce(string_agg(row_to_json(t)::text, E'\\n'), '') FROM {table} t", connection);
            dump.AppendLine((string?)await command.ExecuteScalarAsync());
        }
        return dump.ToString();
    }
}

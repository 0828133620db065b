using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Accounts;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class AccountTests(AuthFixture auth)
{
    [Fact]
    public async Task There_is_a_development_account_for_every_role()
    {
        SeedAccounts.Development.Select(d => d.Role).ShouldBe(Roles.All, ignoreOrder: true);
        foreach (var (email, name, role) in SeedAccounts.Development)
        {
            var person = await auth.SignInAsync(email, AuthFixture.SeedPassword);
            var me = (await auth.Bearer(person.AccessToken).AskAsync("/api/v1/auth/me")).Data;
            me["name"]!.GetValue<string>().ShouldBe(name);
            me["roles"]!.AsArray().Select(r => r!.GetValue<string>()).ShouldContain(role);
            me["email"]!.GetValue<string>().ShouldBe(email);
        }
    }

    [Fact]
    public async Task Admins_find_accounts_by_name_and_address_page_by_page()
    {
        var admin = await AdminAsync();
        var mark = Guid.CreateVersion7().ToString("N");
        for (var i = 0; i < 3; i++)
        {
            await auth.Anonymous().PostAsync(
                "/api/v1/auth/register", new { email = $"{mark}.{i}@example.org", password = Person.Password, name = $"100%_{mark}" });
        }

        var page = await admin.AskAsync($"/api/v1/auth/users?q={mark.ToUpperInvariant()}&limit=2");
        page.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(3);
        page.Data.AsArray().Select(u => u!["email"]!.GetValue<string>()).ShouldBe([$"{mark}.2@example.org", $"{mark}.1@example.org"]);
        page.Body.ShouldNotContain("pbkdf2");
        (await admin.AskAsync($"/api/v1/auth/users?q={mark}&limit=2&page=2")).Data.AsArray().Count.ShouldBe(1);
        (await admin.AskAsync($"/api/v1/auth/users?q=100%25_{mark}")).Data.AsArray().Count.ShouldBe(3);
        // Wildcards are letters like others.
        (await admin.AskAsync($"/api/v1/auth/users?q=1%25{mark}")).Data.AsArray().Count.ShouldBe(0);
        (await admin.AskAsync("/api/v1/auth/users?q=%00")).Fields.ShouldBe(["q"]);
        (await admin.AskAsync("/api/v1/auth/users?q=" + new string('x', 300))).Fields.ShouldBe(["q"]);
        (await admin.AskAsync("/api/v1/auth/users?limit=abc")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task The_document_lists_what_there_is_and_nothing_that_pretends()
    {
        var document = (await auth.Anonymous().AskAsync("/openapi/v1.json")).Json;
        // What every service has is tested elsewhere.
        document["paths"]!.AsObject().Where(p => !p.Key.StartsWith("/api/v1/admin/", StringComparison.Ordinal))
            .SelectMany(p => p.Value!.AsObject().Select(o => $"{o.Key.ToUpperInvariant()} {p.Key}"))
            .Order(StringComparer.Ordinal).ShouldBe(
        [
            "DELETE /api/v1/auth/api-keys/{id}",
            "DELETE /api/v1/auth/me",
            "DELETE /api/v1/auth/sessions",
            "DELETE /api/v1/auth/sessions/{id}",
            "DELETE /api/v1/auth/system-keys/{id}",
            "DELETE /api/v1/auth/users/{id}/block",
            "GET /.well-known/jwks.json",
            "GET /.well-known/openid-configuration",
            "GET /api/v1/auth/api-keys",
            "GET /api/v1/auth/audit",
            "GET /api/v1/auth/audit/verification",
            "GET /api/v1/auth/erasures/{caseId}",
            "GET /api/v1/auth/keys",
            "GET /api/v1/auth/me",
            "GET /api/v1/auth/sessions",
            "GET /api/v1/auth/system-keys",
            "GET /api/v1/auth/users",
            "GET /api/v1/auth/verify",
            "POST /api/v1/auth/api-keys",
            "POST /api/v1/auth/api-keys/{id}/rotate",
            "POST /api/v1/auth/email/change",
            "POST /api/v1/auth/email/resend",
            "POST /api/v1/auth/email/verify",
            "POST /api/v1/auth/keys/rotate",
            "POST /api/v1/auth/login",
            "POST /api/v1/auth/logout",
            "POST /api/v1/auth/mfa/confirm",
            "POST /api/v1/auth/mfa/disable",
            "POST /api/v1/auth/mfa/enroll",
            "POST /api/v1/auth/mfa/recovery-codes",
            "POST /api/v1/auth/password/change",
            "POST /api/v1/auth/password/forgot",
            "POST /api/v1/auth/password/reset",
            "POST /api/v1/auth/reauthenticate",
            "POST /api/v1/auth/refresh",
            "POST /api/v1/auth/register",
            "POST /api/v1/auth/system-keys",
            "POST /api/v1/auth/system-keys/{id}/rotate",
            "POST /api/v1/auth/token",
            "POST /api/v1/auth/token/signed",
            "PUT /api/v1/auth/users/{id}/block",
            "PUT /api/v1/auth/users/{id}/roles",
        ]);
    }

    [Fact]
    public async Task Only_admins_manage_accounts()
    {
        foreach (var email in SeedAccounts.Development.Where(d => d.Role != Roles.Admin).Select(d => d.Email))
        {
            var client = auth.Bearer((await auth.SignInAsync(email, AuthFixture.SeedPassword)).AccessToken);
            (await client.AskAsync("/api/v1/auth/users")).Status.ShouldBe(HttpStatusCode.Forbidden);
            (await client.PutAsync($"/api/v1/auth/users/{Guid.CreateVersion7()}/roles", new { roles = new[] { Roles.Admin } }))
                .Status.ShouldBe(HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task A_new_role_counts_from_the_next_token_on()
    {
        var admin = await AdminAsync();
        var person = await auth.RegisterAsync();
        var path = $"/api/v1/auth/users/{person.Id}/roles";

        var changed = await admin.PutAsync(path, new { roles = new[] { "instructor", "learner", "instructor" } });
        changed.Data["roles"]!.AsArray().Select(r => r!.GetValue<string>()).ShouldBe([Roles.JobSeeker, Roles.Instructor]);
        (await RolesAsync((await auth.RefreshAsync(person.RefreshToken)).Data["accessToken"]!.GetValue<string>()))
            .ShouldBe([Roles.JobSeeker, Roles.Instructor]);
        (await RolesAsync((await auth.SignInAsync(person.Email, Person.Password)).AccessToken)).ShouldBe([Roles.JobSeeker, Roles.Instructor]);

        var stale = new HttpRequestMessage(HttpMethod.Put, path) { Content = new StringContent("""{"roles":["ops"]}""", null, "application/json") };
        stale.Headers.TryAddWithoutValidation("If-Match", "\"1\"");
        (await admin.ReadAsync(stale)).Status.ShouldBe(HttpStatusCode.PreconditionFailed);

        async Task<IEnumerable<string>> RolesAsync(string token) =>
            (await auth.Bearer(token).AskAsync("/api/v1/auth/verify")).Data["roles"]!.AsArray().Select(r => r!.GetValue<string>());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"roles":null}""")]
    [InlineData("""{"roles":[]}""")]
    [InlineData("""{"roles":["king"]}""")]
    [InlineData("""{"roles":[null]}""")]
    [InlineData("""{"roles":[5]}""")]
    [InlineData("""{"roles":"admin"}""")]
    public async Task Roles_that_do_not_exist_are_named(string body)
    {
        var admin = await AdminAsync();
        var person = await auth.RegisterAsync();
        var answer = await admin.ReadAsync(
            new HttpRequestMessage(HttpMethod.Put, $"/api/v1/auth/users/{person.Id}/roles") { Content = new StringContent(body, null, "application/json") });
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, answer.Body);
        answer.Fields.ShouldAllBe(f => f.StartsWith("roles"));
    }

    [Fact]
    public async Task An_unknown_account_has_no_roles() =>
        (await (await AdminAsync()).PutAsync($"/api/v1/auth/users/{Guid.CreateVersion7()}/roles", new { roles = new[] { Roles.Ops } })).Code
            .ShouldBe("USER_001");

    private async Task<HttpClient> AdminAsync() =>
        auth.Bearer((await auth.SignInAsync("admin@talentsphere.example", AuthFixture.SeedPassword)).AccessToken);
}

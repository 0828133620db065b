using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class RegistrationTests(AuthFixture auth)
{
    private const string _path = "/api/v1/auth/register";

    [Fact]
    public async Task A_newcomer_gets_an_account_a_pair_of_tokens_and_an_event()
    {
        var email = AuthFixture.NewEmail();
        var answer = await auth.Anonymous().PostAsync(_path, new { email = $"  {email.ToUpperInvariant()} ", password = Person.Password, name = "  Zoë  " });

        answer.Status.ShouldBe(HttpStatusCode.Created, answer.Body);
        answer.Data["token"]!.GetValue<string>().ShouldBe(answer.Data["accessToken"]!.GetValue<string>());
        answer.Data["expiresIn"]!.GetValue<int>().ShouldBe(900);
        var user = answer.Data["user"]!;
        user["email"]!.GetValue<string>().ShouldBe(email);
        user["name"]!.GetValue<string>().ShouldBe("Zoë");
        user["roles"]!.AsArray().Select(r => r!.GetValue<string>()).ShouldBe([Roles.JobSeeker]);
        answer.Body.ShouldNotContain("assword");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();

        var id = user["id"]!.GetValue<Guid>();
        id.Version.ShouldBe(7);
        var heard = await auth.Events.ExpectAsync<UserRegistered>(1, e => e.UserId == id);
        heard[0].Email.ShouldBe(email);
        heard[0].Roles.ShouldBe([Roles.JobSeeker]);
    }

    [Theory]
    [InlineData("jobseeker", Roles.JobSeeker)]
    [InlineData("learner", Roles.JobSeeker)]
    [InlineData("employer", Roles.Employer)]
    [InlineData("Recruiter", Roles.Employer)]
    public async Task The_roles_open_to_everybody_go_by_both_their_names(string asked, string given)
    {
        var person = await auth.RegisterAsync(asked);
        (await auth.Bearer(person.AccessToken).AskAsync("/api/v1/auth/verify")).Data["roles"]!.AsArray().Select(r => r!.GetValue<string>()).ShouldBe([given]);
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("instructor")]
    [InlineData("ops")]
    [InlineData("")]
    [InlineData("jobseeker,admin")]
    public async Task No_other_role_can_be_taken(string role)
    {
        var answer = await auth.Anonymous().PostAsync(_path, new { email = AuthFixture.NewEmail(), password = Person.Password, name = "Mia", role });
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, answer.Body);
        answer.Fields.ShouldBe(["role"]);
    }

    [Fact]
    public async Task One_address_opens_one_account_however_it_is_written_and_however_many_try_at_once()
    {
        var email = AuthFixture.NewEmail();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => auth.Anonymous().PostAsync(
            _path, new { email = i % 2 == 0 ? email : $" {email.ToUpperInvariant()}", password = Person.Password, name = $"Nr {i}" })));

        answers.Count(a => a.Status == HttpStatusCode.Created).ShouldBe(1);
        answers.Where(a => a.Status != HttpStatusCode.Created).ShouldAllBe(a => a.Status == HttpStatusCode.Conflict && a.Code == "AUTH_003");
        await auth.Events.ExpectAsync<UserRegistered>(1, e => e.Email == email);
        (await auth.InDatabaseAsync(db => db.Sessions.CountAsync(s => db.Accounts.Any(a => a.Email == email && a.Id == s.AccountId)))).ShouldBe(1);
    }

    [Fact]
    public async Task Two_spellings_of_one_Unicode_address_are_one_address()
    {
        var tail = AuthFixture.NewEmail();
        var first = await auth.Anonymous().PostAsync(_path, new { email = "rene\u0301." + tail, password = Person.Password, name = "René" });
        first.Status.ShouldBe(HttpStatusCode.Created, first.Body);
        var second = await auth.Anonymous().PostAsync(_path, new { email = "REN\u00c9." + tail, password = Person.Password, name = "René" });
        second.Code.ShouldBe("AUTH_003");
        (await auth.LoginAsync("ren\u00e9." + tail, Person.Password)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("@example.org")]
    [InlineData("a@b")]
    [InlineData("a b@example.org")]
    [InlineData("a@@example.org")]
    [InlineData("a@exa mple.org")]
    [InlineData("a@example..org")]
    [InlineData("a\u0000b@example.org")]
    [InlineData("a@example.org\r\nBcc: b@example.org")]
    [InlineData("a\u200bb@example.org")]
    public async Task What_is_no_address_is_named(string email)
    {
        var answer = await auth.Anonymous().PostAsync(_path, new { email, password = Person.Password, name = "Mia" });
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, answer.Body);
        answer.Fields.ShouldBe(["email"]);
    }

    [Theory]
    [InlineData("short-one")]
    [InlineData("password123")]
    [InlineData("PassWord1234")]
    [InlineData("1234567890")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abcabcabcabc")]
    [InlineData("qwertyuiop")]
    [InlineData("ottoline.marsh")]
    [InlineData("Ottoline.Marsh1")]
    [InlineData("ottoline.marsh@example.org")]
    public async Task A_password_that_is_tried_first_is_refused(string password)
    {
        var answer = await auth.Anonymous().PostAsync(_path, new { email = "ottoline.marsh@example.org", password, name = "Ottoline" });
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, answer.Body);
        answer.Fields.ShouldBe(["password"]);
        answer.Body.ShouldNotContain(password);
    }

    [Fact]
    public async Task Every_field_at_fault_is_named_at_once()
    {
        (await auth.Anonymous().PostAsync(_path, new { })).Fields.ShouldBe(["email", "name", "password"]);
        var wrong = await auth.Anonymous().PostAsync(
            _path, new { email = new string('a', 300) + "@example.org", password = new string('x', 129), name = new string('n', 101), role = "king" });
        wrong.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        wrong.Fields.Distinct().ShouldBe(["email", "name", "password", "role"]);
        (await auth.Anonymous().PostTextAsync(_path, """{"email":5,"password":[],"name":{},"role":true}""")).Fields
            .ShouldBe(["email", "name", "password", "role"]);
        (await auth.Anonymous().PostAsync(_path, new { email = AuthFixture.NewEmail(), password = Person.Password, name = " \t " })).Fields.ShouldBe(["name"]);
        (await auth.Anonymous().PostAsync(_path, new { email = AuthFixture.NewEmail(), password = Person.Password, name = "a\u0000b" })).Fields
            .ShouldBe(["name"]);
    }

    [Theory]
    [InlineData("register")]
    [InlineData("login")]
    [InlineData("refresh")]
    [InlineData("logout")]
    [InlineData("email/verify")]
    [InlineData("password/forgot")]
    [InlineData("password/reset")]
    public async Task A_body_that_cannot_be_read_is_the_callers_fault(string route)
    {
        var path = "/api/v1/auth/" + route;
        (await auth.Anonymous().PostTextAsync(path, "{\"email\":")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await auth.Anonymous().PostTextAsync(path, "[]")).Status.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity);
        (await auth.Anonymous().PostTextAsync(path, """{"email":"\ud800","password":"\ud800","refreshToken":"\ud800"}""")).Status
            .ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity);
        (await auth.Anonymous().PostTextAsync(path, "email=a", "application/x-www-form-urlencoded")).Status.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await auth.Anonymous().PostTextAsync(path, $$"""{"refreshToken":"{{new string('x', 2_000_000)}}"}"""))
            .Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await auth.Anonymous().PostTextAsync(path, string.Concat(Enumerable.Repeat("{\"a\":", 500)) + "1" + new string('}', 500))).Status
            .ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity);
    }
}

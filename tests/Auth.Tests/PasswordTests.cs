using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Passwords;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class PasswordTests(AuthFixture auth)
{
    private const string _new = "amber-lantern-77";

    [Fact]
    public async Task A_changed_password_counts_at_once_ends_the_other_sessions_and_is_announced()
    {
        var person = await auth.RegisterAsync();
        var other = await auth.SignInAsync(person.Email, Person.Password);
        var client = auth.Bearer(person.AccessToken);
        var answer = await client.PostAsync("/api/v1/auth/password/change", new { currentPassword = Person.Password, newPassword = _new });
        answer.Status.ShouldBe(HttpStatusCode.NoContent, answer.Body);

        (await auth.LoginAsync(person.Email, Person.Password)).Code.ShouldBe("AUTH_001");
        (await auth.LoginAsync(person.Email, _new)).Status.ShouldBe(HttpStatusCode.OK);
        (await auth.RefreshAsync(other.RefreshToken)).Code.ShouldBe("AUTH_REFRESH_INVALID");
        (await auth.RefreshAsync(person.RefreshToken)).Status.ShouldBe(HttpStatusCode.OK);
        await auth.Events.ExpectAsync<PasswordChanged>(1, e => e.UserId == person.Id);
        await auth.Events.ExpectAsync<UserLoggedOut>(1, e => e.UserId == person.Id);
        await auth.MailsAsync(person.Email, "Your password was changed");
        // The token of a session that has ended changes nothing any more.
        (await auth.Bearer(other.AccessToken).PostAsync("/api/v1/auth/password/change", new { currentPassword = _new, newPassword = Person.Password })).Code
            .ShouldBe("AUTH_TOKEN_INVALID");
        (await auth.Anonymous().PostAsync("/api/v1/auth/password/change", new { currentPassword = _new, newPassword = Person.Password })).Status
            .ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_password_is_not_changed_without_the_present_one_or_to_a_bad_one()
    {
        var person = await auth.RegisterAsync();
        var client = auth.Bearer(person.AccessToken);
        (await ChangeAsync("violet-harbor-43", _new)).Code.ShouldBe("AUTH_PASSWORD_WRONG");
        (await ChangeAsync(Person.Password, "short")).Fields.ShouldBe(["newPassword"]);
        (await ChangeAsync(Person.Password, "Password2026!")).Fields.ShouldBe(["newPassword"]);
        (await ChangeAsync(Person.Password, "Mia-Müller-99")).Fields.ShouldBe(["newPassword"]);
        (await ChangeAsync(Person.Password, Person.Password)).Fields.ShouldBe(["newPassword"]);
        (await client.PostAsync("/api/v1/auth/password/change", new { })).Fields.ShouldBe(["currentPassword", "newPassword"]);
        (await client.PostTextAsync("/api/v1/auth/password/change", "{")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await client.PostTextAsync("/api/v1/auth/password/change", $$"""{"newPassword":"{{new string('x', 10_000_000)}}"}""")).Status
            .ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await auth.LoginAsync(person.Email, Person.Password)).Status.ShouldBe(HttpStatusCode.OK);
        for (var i = 0; i < 4; i++)
            (await ChangeAsync("violet-harbor-43", _new)).Code.ShouldBe("AUTH_PASSWORD_WRONG");
        (await ChangeAsync(Person.Password, _new)).Code.ShouldBe("AUTH_LOCKED");

        Task<Answer> ChangeAsync(string current, string next) => client.PostAsync("/api/v1/auth/password/change", new { currentPassword = current, newPassword = next });
    }

    [Fact]
    public async Task Of_changes_at_the_same_moment_one_counts()
    {
        var person = await auth.RegisterAsync();
        var client = auth.Bearer(person.AccessToken);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(i =>
            client.PostAsync("/api/v1/auth/password/change", new { currentPassword = Person.Password, newPassword = $"{_new}-{i}" })));
        answers.Count(a => a.Status == HttpStatusCode.NoContent).ShouldBe(1);
        answers.Where(a => a.Status != HttpStatusCode.NoContent).ShouldAllBe(a => a.Code == "AUTH_PASSWORD_WRONG" || a.Code == "AUTH_LOCKED");
        await auth.Events.ExpectAsync<PasswordChanged>(1, e => e.UserId == person.Id);
    }

    [Fact]
    public async Task A_forgotten_password_is_reset_once_by_whoever_reads_the_mail()
    {
        var person = await auth.RegisterAsync();
        for (var i = 0; i < 5; i++)
            await auth.LoginAsync(person.Email, "violet-harbor-43");
        (await auth.LoginAsync(person.Email, Person.Password)).Code.ShouldBe("AUTH_LOCKED");
        (await ForgotAsync(person.Email.ToUpperInvariant())).Status.ShouldBe(HttpStatusCode.NoContent);
        var token = (await auth.MailsAsync(person.Email, "Choose a new password"))[0].Token;
        token.Length.ShouldBe(43);

        // A password that is refused uses nothing up.
        (await ResetAsync(token, "Müller-Müller-1")).Fields.ShouldBe(["newPassword"]);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => ResetAsync(token, $"{_new}-{i}")));
        var winner = answers.ToList().FindIndex(a => a.Status == HttpStatusCode.OK);
        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Where(a => a.Status != HttpStatusCode.OK).ShouldAllBe(a => a.Code == "AUTH_LINK_INVALID" && a.Status == HttpStatusCode.UnprocessableEntity);

        (await auth.RefreshAsync(person.RefreshToken)).Code.ShouldBe("AUTH_REFRESH_INVALID");
        // The lock that strangers brought about is open for the owner.
        var again = await auth.LoginAsync(person.Email, $"{_new}-{winner}");
        again.Status.ShouldBe(HttpStatusCode.OK, again.Body);
        again.Data["user"]!["emailVerified"]!.GetValue<bool>().ShouldBeTrue();
        (await ResetAsync(token, Person.Password)).Code.ShouldBe("AUTH_LINK_INVALID");
        await auth.Events.ExpectAsync<PasswordChanged>(1, e => e.UserId == person.Id);
    }

    [Fact]
    public async Task One_reset_makes_the_other_links_worthless_and_an_inbox_is_not_filled()
    {
        var person = await auth.RegisterAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ForgotAsync(person.Email)));
        var stranger = AuthFixture.NewEmail();
        await ForgotAsync(stranger);
        await Eventually.SeesAsync(() => auth.InDatabaseAsync(db => db.PendingMails.CountAsync(m => m.Kind == Mail.MailKind.ResetPassword)), n => n == 0, "all wishes to be dealt with");
        var mails = auth.MailsTo(person.Email, "Choose a new password");
        mails.Count.ShouldBe(5);
        auth.MailsTo(stranger).ShouldBeEmpty();
        (await ResetAsync(mails[0].Token, _new)).Status.ShouldBe(HttpStatusCode.OK);
        foreach (var mail in mails)
            (await ResetAsync(mail.Token, Person.Password)).Code.ShouldBe("AUTH_LINK_INVALID");
    }

    [Fact]
    public async Task A_wish_for_a_new_password_tells_nothing_of_accounts_and_bad_ones_are_named()
    {
        var person = await auth.RegisterAsync();
        var (known, unknown) = (await ForgotAsync(person.Email), await ForgotAsync(AuthFixture.NewEmail()));
        (unknown.Status, unknown.Body).ShouldBe((known.Status, known.Body));
        unknown.Headers.Select(h => h.Key).Order().ShouldBe(known.Headers.Select(h => h.Key).Order());
        (await ForgotAsync("no address")).Fields.ShouldBe(["email"]);
        (await auth.Anonymous().PostAsync("/api/v1/auth/password/forgot", new { })).Fields.ShouldBe(["email"]);
        (await auth.Anonymous().PostAsync("/api/v1/auth/password/reset", new { })).Fields.ShouldBe(["newPassword", "token"]);
        (await ResetAsync("garbage\u0000", _new)).Code.ShouldBe("AUTH_LINK_INVALID");
        (await ResetAsync(new string('x', 129), _new)).Fields.ShouldBe(["token"]);
        // A link for another purpose resets nothing.
        (await ResetAsync((await auth.MailsAsync(person.Email, "Confirm your e-mail address"))[0].Token, _new)).Code.ShouldBe("AUTH_LINK_INVALID");
    }

    [Theory]
    [InlineData("Password2026!")]
    [InlineData("!!!welcome1234")]
    [InlineData("P@ssw0rd2027")]
    [InlineData("summer-2026")]
    [InlineData("dragondragon")]
    [InlineData("monkeymonkey12")]
    [InlineData("liverp00l!99")]
    public void A_common_word_is_common_in_every_dress(string password) => PasswordPolicy.IsCommon(password).ShouldBeTrue();

    [Theory]
    [InlineData("ottolinemarsh")]
    [InlineData("Marsh-Ottoline-1")]
    [InlineData("TalentSphere2026")]
    [InlineData("t@lentsphere!!")]
    [InlineData("0ttoline1234")]
    [InlineData("lanternfish-12")]
    public void What_stands_in_the_name_or_the_address_is_no_secret(string password) =>
        PasswordPolicy.RepeatsContext(password, "omarsh@lanternfish.example", "Ottoline Marsh").ShouldBeTrue();

    [Theory]
    [InlineData("ottoline likes 12 green kites")]
    [InlineData("violet-harbor-42")]
    [InlineData("marsh-quantum-teapot")]
    public void A_name_may_be_part_of_a_longer_secret(string password) =>
        PasswordPolicy.RepeatsContext(password, "omarsh@lanternfish.example", "Ottoline Marsh").ShouldBeFalse();

    private Task<Answer> ForgotAsync(string email) => auth.Anonymous().PostAsync("/api/v1/auth/password/forgot", new { email });

    private Task<Answer> ResetAsync(string token, string newPassword) => auth.Anonymous().PostAsync("/api/v1/auth/password/reset", new { token, newPassword });
}

using Microsoft.EntityFrameworkCore;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class EmailTests(AuthFixture auth)
{
    [Fact]
    public async Task An_address_is_confirmed_by_the_link_that_was_mailed_to_it_once()
    {
        var person = await auth.RegisterAsync();
        var client = auth.Bearer(person.AccessToken);
        (await client.AskAsync("/api/v1/auth/me")).Data["emailVerified"]!.GetValue<bool>().ShouldBeFalse();
        var mail = (await auth.MailsAsync(person.Email, "Confirm your e-mail address"))[0];
        mail.Text.ShouldStartWith("Hello Mia Müller,");

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => VerifyAsync(mail.Token)));
        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Where(a => a.Status != HttpStatusCode.OK).ShouldAllBe(a => a.Code == "AUTH_LINK_INVALID");
        (await client.AskAsync("/api/v1/auth/me")).Data["emailVerified"]!.GetValue<bool>().ShouldBeTrue();
        (await client.PostAsync("/api/v1/auth/email/resend")).Code.ShouldBe("AUTH_EMAIL_VERIFIED");
        (await VerifyAsync("unknown")).Code.ShouldBe("AUTH_LINK_INVALID");
        (await auth.Anonymous().PostAsync("/api/v1/auth/email/verify", new { })).Fields.ShouldBe(["token"]);
    }

    [Fact]
    public async Task A_further_mail_may_be_asked_for_but_not_at_once()
    {
        var person = await auth.RegisterAsync();
        var client = auth.Bearer(person.AccessToken);
        var early = await client.PostAsync("/api/v1/auth/email/resend");
        early.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        early.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        await auth.InDatabaseAsync(db => db.OneTimeLinks.Where(l => l.AccountId == person.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(l => l.CreatedAt, l => l.CreatedAt.AddMinutes(-2))));
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.PostAsync("/api/v1/auth/email/resend")));
        answers.Count(a => a.Status == HttpStatusCode.NoContent).ShouldBe(1);
        var mails = await auth.MailsAsync(person.Email, "Confirm your e-mail address", 2);
        mails.Select(m => m.Token).Distinct().Count().ShouldBe(2);
        (await VerifyAsync(mails[0].Token)).Status.ShouldBe(HttpStatusCode.OK);
        (await auth.Anonymous().PostAsync("/api/v1/auth/email/resend")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Another_address_counts_once_it_answers_and_the_old_one_is_told()
    {
        var person = await auth.RegisterAsync();
        var client = auth.Bearer(person.AccessToken);
        var email = AuthFixture.NewEmail();
        (await ChangeAsync(client, email, "violet-harbor-43")).Code.ShouldBe("AUTH_PASSWORD_WRONG");
        (await ChangeAsync(client, "nonsense", Person.Password)).Fields.ShouldBe(["newEmail"]);
        (await ChangeAsync(client, person.Email.ToUpperInvariant(), Person.Password)).Fields.ShouldBe(["newEmail"]);
        (await client.PostAsync("/api/v1/auth/email/change", new { })).Fields.ShouldBe(["newEmail", "password"]);
        (await ChangeAsync(client, " " + email.ToUpperInvariant(), Person.Password)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await auth.MailsAsync(person.Email, "Your e-mail address is about to be changed"))[0].Text.ShouldContain(email);
        await auth.Anonymous().PostAsync("/api/v1/auth/password/forgot", new { email = person.Email });
        var reset = (await auth.MailsAsync(person.Email, "Choose a new password"))[0].Token;
        (await auth.LoginAsync(email, Person.Password)).Code.ShouldBe("AUTH_001");

        var confirmed = await VerifyAsync((await auth.MailsAsync(email, "Confirm your new e-mail address"))[0].Token);
        confirmed.Data["email"]!.GetValue<string>().ShouldBe(email);
        (await auth.LoginAsync(email, Person.Password)).Status.ShouldBe(HttpStatusCode.OK);
        (await auth.LoginAsync(person.Email, Person.Password)).Code.ShouldBe("AUTH_001");
        (await auth.MailsAsync(person.Email, "Your e-mail address was changed"))[0].Text.ShouldContain(email);
        // Whoever reads the old inbox has nothing to reset with.
        (await auth.Anonymous().PostAsync("/api/v1/auth/password/reset", new { token = reset, newPassword = "amber-lantern-77" })).Code.ShouldBe("AUTH_LINK_INVALID");
    }

    [Fact]
    public async Task An_address_that_is_taken_shows_only_to_whoever_reads_its_mail()
    {
        var (owner, other) = (await auth.RegisterAsync(), await auth.RegisterAsync());
        var client = auth.Bearer(other.AccessToken);
        (await ChangeAsync(client, owner.Email, Person.Password)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await VerifyAsync((await auth.MailsAsync(owner.Email, "Confirm your new e-mail address"))[0].Token)).Code.ShouldBe("AUTH_003");
        (await client.AskAsync("/api/v1/auth/me")).Data["email"]!.GetValue<string>().ShouldBe(other.Email);
    }

    [Fact]
    public async Task Whoever_is_erased_leaves_no_link_and_no_mail()
    {
        var person = await auth.RegisterAsync();
        var token = (await auth.MailsAsync(person.Email, "Confirm"))[0].Token;
        (await auth.Bearer(person.AccessToken).RemoveAsync("/api/v1/auth/me", new { password = Person.Password })).Status.ShouldBe(HttpStatusCode.Accepted);
        (await VerifyAsync(token)).Code.ShouldBe("AUTH_LINK_INVALID");
        (await auth.InDatabaseAsync(db => db.OneTimeLinks.CountAsync(l => l.AccountId == person.Id))).ShouldBe(0);
        (await auth.InDatabaseAsync(db => db.PendingMails.CountAsync(m => m.AccountId == person.Id))).ShouldBe(0);
    }

    private Task<Answer> VerifyAsync(string token) => auth.Anonymous().PostAsync("/api/v1/auth/email/verify", new { token });

    private static Task<Answer> ChangeAsync(HttpClient client, string newEmail, string password) =>
        client.PostAsync("/api/v1/auth/email/change", new { newEmail, password });
}

using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Mfa;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class TotpTests
{
    /// <summary>RFC 6238, appendix B: time, and the codes of SHA-1, SHA-256 and SHA-512.</summary>
    [Theory]
    [InlineData(59, "94287082", "46119246", "90693936")]
    [InlineData(1111111109, "07081804", "68084774", "25091201")]
    [InlineData(1111111111, "14050471", "67062674", "99943326")]
    [InlineData(1234567890, "89005924", "91819424", "93441116")]
    [InlineData(2000000000, "69279037", "90698825", "38618901")]
    [InlineData(20000000000, "65353130", "77737706", "47863826")]
    public void Codes_are_those_of_the_RFC(long seconds, string sha1, string sha256, string sha512)
    {
        var step = Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds));
        Totp.CodeAt(Key(20), step, 8).ShouldBe(sha1);
        Totp.CodeAt(Key(32), step, 8, HashAlgorithmName.SHA256).ShouldBe(sha256);
        Totp.CodeAt(Key(64), step, 8, HashAlgorithmName.SHA512).ShouldBe(sha512);

        static byte[] Key(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)('0' + ((i + 1) % 10)))];
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Secrets_are_written_as_RFC_4648_has_it(string text, string base32) => Totp.Encode(Encoding.ASCII.GetBytes(text)).ShouldBe(base32);

    [Fact]
    public void A_code_is_good_one_step_early_or_late_and_only_after_the_last_one()
    {
        var secret = RandomNumberGenerator.GetBytes(Totp.SecretLength);
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_015);
        var step = Totp.StepAt(now);
        for (var skew = -3; skew <= 3; skew++)
            Totp.Find(secret, Totp.CodeAt(secret, step + skew), now, lastStep: 0).ShouldBe(Math.Abs(skew) <= 1 ? step + skew : null);
        Totp.Find(secret, Totp.CodeAt(secret, step), now, step).ShouldBeNull();
        Totp.Find(secret, Totp.CodeAt(secret, step - 1), now, step).ShouldBeNull();
        Totp.Find(secret, Totp.CodeAt(secret, step + 1), now, step).ShouldBe(step + 1);
        Totp.Find(secret, "", now, 0).ShouldBeNull();
    }
}

public sealed class MfaTests(MfaFixture auth) : IClassFixture<MfaFixture>
{
    [Fact]
    public async Task Once_confirmed_signing_in_needs_a_code_that_is_good_once_also_in_parallel()
    {
        var (person, secret, _) = await WithMfaAsync();
        (await auth.Bearer(person.AccessToken).AskAsync("/api/v1/auth/me")).Data["mfaEnabled"]!.GetValue<bool>().ShouldBeTrue();
        var challenge = await auth.LoginAsync(person.Email, Person.Password);
        (challenge.Status, challenge.Code).ShouldBe((HttpStatusCode.Unauthorized, "AUTH_MFA_REQUIRED"));
        // Whoever does not know the password is not told that there is a second factor.
        (await auth.LoginAsync(person.Email, "violet-harbor-43")).Code.ShouldBe("AUTH_001");
        (await LoginAsync(person, "000000")).Code.ShouldBe("AUTH_MFA_INVALID");

        auth.Clock.Move(TimeSpan.FromSeconds(Totp.StepSeconds));
        var code = CodeNow(secret);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => LoginAsync(person, code)));
        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Where(a => a.Status != HttpStatusCode.OK).ShouldAllBe(a => a.Code == "AUTH_MFA_INVALID" || a.Code == "AUTH_LOCKED");
        await auth.MailsAsync(person.Email, "Two-step sign-in is on");
    }

    [Fact]
    public async Task Guessing_codes_locks_like_guessing_passwords_also_in_parallel()
    {
        var (person, secret, _) = await WithMfaAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => LoginAsync(person, $"00000{i}")));
        answers.Count(a => a.Code == "AUTH_MFA_INVALID").ShouldBe(5);
        answers.Count(a => a.Code == "AUTH_LOCKED").ShouldBe(5);
        auth.Clock.Move(TimeSpan.FromSeconds(Totp.StepSeconds));
        (await LoginAsync(person, CodeNow(secret))).Code.ShouldBe("AUTH_LOCKED");
        (await auth.RefreshAsync(person.RefreshToken)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_recovery_code_stands_in_once()
    {
        var (person, _, codes) = await WithMfaAsync();
        codes.Distinct().Count().ShouldBe(10);
        (await LoginAsync(person, codes[3].ToUpperInvariant().Replace("-", " "))).Status.ShouldBe(HttpStatusCode.OK);
        (await LoginAsync(person, codes[3])).Code.ShouldBe("AUTH_MFA_INVALID");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LoginAsync(person, codes[4])));
        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        (await auth.MailsAsync(person.Email, "A recovery code was used"))[0].Text.ShouldContain("9 are left");
        (await auth.InDatabaseAsync(db => db.AuditEntries.CountAsync(e => e.ActorId == person.Id && e.Act == AuditActs.MfaRecoveryCodeUsed))).ShouldBe(2);
        foreach (var code in codes)
            (await Traces.InDatabaseAsync(auth.ConnectionString, code)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Enrolling_changes_nothing_before_it_is_confirmed_and_happens_once()
    {
        var person = await auth.RegisterAsync();
        var client = auth.Bearer(person.AccessToken);
        (await client.PostAsync("/api/v1/auth/mfa/confirm", new { otp = "123456" })).Code.ShouldBe("AUTH_MFA_NOT_ENROLLED");
        (await client.PostAsync("/api/v1/auth/mfa/disable", new { otp = "123456" })).Code.ShouldBe("AUTH_MFA_OFF");
        var first = (await client.PostAsync("/api/v1/auth/mfa/enroll")).Data["secret"]!.GetValue<string>();
        var second = await client.PostAsync("/api/v1/auth/mfa/enroll");
        var secret = second.Data["secret"]!.GetValue<string>();
        second.Data["otpauthUrl"]!.GetValue<string>().ShouldBe(
            $"otpauth://totp/TalentSphere:{Uri.EscapeDataString(person.Email)}?secret={secret}&issuer=TalentSphere&algorithm=SHA1&digits=6&period=30");
        second.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await auth.LoginAsync(person.Email, Person.Password)).Status.ShouldBe(HttpStatusCode.OK);
        (await client.PostAsync("/api/v1/auth/mfa/confirm", new { otp = CodeNow(Decode(first)) })).Fields.ShouldBe(["otp"]);
        (await client.PostAsync("/api/v1/auth/mfa/confirm", new { })).Fields.ShouldBe(["otp"]);
        (await client.PostAsync("/api/v1/auth/mfa/confirm", new { otp = new string('1', 33) })).Fields.ShouldBe(["otp"]);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.PostAsync("/api/v1/auth/mfa/confirm", new { otp = CodeNow(Decode(secret)) })));
        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Where(a => a.Status != HttpStatusCode.OK).ShouldAllBe(a => a.Code == "AUTH_MFA_ENABLED");
        (await client.PostAsync("/api/v1/auth/mfa/enroll")).Code.ShouldBe("AUTH_MFA_ENABLED");
        foreach (var route in (string[])["mfa/enroll", "mfa/confirm", "mfa/disable", "reauthenticate"])
        {
            (await auth.Anonymous().PostAsync("/api/v1/auth/" + route, new { otp = "123456", password = "x" })).Status.ShouldBe(HttpStatusCode.Unauthorized);
            if (route != "mfa/enroll")
            {
                (await client.PostTextAsync("/api/v1/auth/" + route, $$"""{"otp":"{{new string('1', 10_000_000)}}"}""")).Status
                    .ShouldBe(HttpStatusCode.RequestEntityTooLarge);
            }
        }
        // Neither as it is typed in nor as bytes.
        (await Traces.InDatabaseAsync(auth.ConnectionString, secret)).ShouldBeEmpty();
        (await Traces.InDatabaseAsync(auth.ConnectionString, Convert.ToHexStringLower(Decode(secret)))).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_dangerous_needs_a_recent_sign_in_and_turning_it_off_a_last_code()
    {
        var (person, secret, _) = await WithMfaAsync();
        auth.Clock.Move(TimeSpan.FromMinutes(11));
        person = Refreshed(person, await auth.RefreshAsync(person.RefreshToken));
        var client = auth.Bearer(person.AccessToken);
        var refused = await client.PostAsync("/api/v1/auth/mfa/disable", new { otp = CodeNow(secret) });
        (refused.Status, refused.Code).ShouldBe((HttpStatusCode.Unauthorized, "AUTH_REAUTHENTICATE"));
        refused.Headers.WwwAuthenticate.ToString().ShouldContain("insufficient_user_authentication");
        // A password alone is not what a sign-in asks for.
        (await client.PostAsync("/api/v1/auth/password/change", new { currentPassword = Person.Password, newPassword = "amber-lantern-77" })).Code.ShouldBe("AUTH_MFA_REQUIRED");
        (await client.PostAsync("/api/v1/auth/email/change", new { newEmail = AuthFixture.NewEmail(), password = Person.Password })).Code.ShouldBe("AUTH_MFA_REQUIRED");
        (await client.RemoveAsync("/api/v1/auth/me", new { password = Person.Password })).Code.ShouldBe("AUTH_MFA_REQUIRED");
        (await client.PostAsync("/api/v1/auth/reauthenticate", new { password = Person.Password })).Code.ShouldBe("AUTH_MFA_REQUIRED");
        (await client.PostAsync("/api/v1/auth/reauthenticate", new { password = "violet-harbor-43", otp = CodeNow(secret) })).Code.ShouldBe("AUTH_PASSWORD_WRONG");
        var code = CodeNow(secret);
        (await client.PostAsync("/api/v1/auth/reauthenticate", new { password = Person.Password, otp = code })).Status.ShouldBe(HttpStatusCode.NoContent);

        (await client.PostAsync("/api/v1/auth/mfa/disable", new { otp = code })).Code.ShouldBe("AUTH_MFA_INVALID", "the code was used");
        auth.Clock.Move(TimeSpan.FromSeconds(Totp.StepSeconds));
        (await client.PostAsync("/api/v1/auth/mfa/disable", new { otp = CodeNow(secret) })).Status.ShouldBe(HttpStatusCode.NoContent);
        (await auth.LoginAsync(person.Email, Person.Password)).Status.ShouldBe(HttpStatusCode.OK);
        await auth.MailsAsync(person.Email, "Two-step sign-in is off");
        (await auth.InDatabaseAsync(db => db.RecoveryCodes.CountAsync(c => c.AccountId == person.Id))).ShouldBe(0);
    }

    [Fact]
    public async Task Roles_are_changed_by_an_admin_who_signed_in_recently()
    {
        var admin = await auth.SignInAsync("admin@talentsphere.example", AuthFixture.SeedPassword);
        var person = await auth.RegisterAsync();
        var body = new { roles = new[] { Roles.Instructor } };
        auth.Clock.Move(TimeSpan.FromMinutes(11));
        admin = Refreshed(admin, await auth.RefreshAsync(admin.RefreshToken));
        var client = auth.Bearer(admin.AccessToken);
        (await client.PutAsync($"/api/v1/auth/users/{person.Id}/roles", body)).Code.ShouldBe("AUTH_REAUTHENTICATE");
        (await client.PostAsync("/api/v1/auth/reauthenticate", new { password = AuthFixture.SeedPassword })).Status.ShouldBe(HttpStatusCode.NoContent);
        (await client.PutAsync($"/api/v1/auth/users/{person.Id}/roles", body)).Status.ShouldBe(HttpStatusCode.OK);
        (await client.PostAsync("/api/v1/auth/logout")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await client.PutAsync($"/api/v1/auth/users/{person.Id}/roles", body)).Code.ShouldBe("AUTH_TOKEN_INVALID");
    }

    [Fact]
    public async Task Whoever_is_erased_leaves_no_second_factor()
    {
        var (person, _, _) = await WithMfaAsync();
        var answer = await auth.Bearer(person.AccessToken).RemoveAsync("/api/v1/auth/me", new { password = Person.Password });
        answer.Status.ShouldBe(HttpStatusCode.Accepted, answer.Body);
        (await auth.InDatabaseAsync(db => db.Authenticators.CountAsync(a => a.AccountId == person.Id))).ShouldBe(0);
        (await auth.InDatabaseAsync(db => db.RecoveryCodes.CountAsync(a => a.AccountId == person.Id))).ShouldBe(0);
    }

    [Fact]
    public async Task Recovery_codes_can_be_renewed_after_a_recent_sign_in_and_the_old_ones_die()
    {
        var (person, secret, old) = await WithMfaAsync();
        using var client = auth.Bearer(person.AccessToken);
        var renewed = await client.PostAsync("/api/v1/auth/mfa/recovery-codes");
        renewed.Status.ShouldBe(HttpStatusCode.OK, renewed.Body);
        renewed.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var fresh = renewed.Data["codes"]!.AsArray().Select(c => c!.GetValue<string>()).ToList();
        fresh.Count.ShouldBe(10);
        fresh.Intersect(old).ShouldBeEmpty();
        (await LoginAsync(person, old[0])).Code.ShouldBe("AUTH_MFA_INVALID");
        (await LoginAsync(person, fresh[0])).Status.ShouldBe(HttpStatusCode.OK);
        await auth.MailsAsync(person.Email, "You have new recovery codes");
        (await auth.InDatabaseAsync(db => db.AuditEntries.CountAsync(e => e.ActorId == person.Id && e.Act == AuditActs.MfaRecoveryCodesRenewed))).ShouldBe(1);

        auth.Clock.Move(TimeSpan.FromMinutes(11));
        (await client.PostAsync("/api/v1/auth/mfa/recovery-codes")).Code.ShouldBe("AUTH_REAUTHENTICATE");
        (await auth.InDatabaseAsync(db => db.RecoveryCodes.CountAsync(c => c.AccountId == person.Id && c.UsedAt == null))).ShouldBe(9);
        (await client.PostAsync("/api/v1/auth/reauthenticate", new { password = Person.Password, otp = CodeNow(secret) })).Status.ShouldBe(HttpStatusCode.NoContent);
        (await client.PostAsync("/api/v1/auth/mfa/recovery-codes")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Without_two_step_sign_in_there_are_no_recovery_codes()
    {
        var person = await auth.RegisterAsync();
        (await auth.Bearer(person.AccessToken).PostAsync("/api/v1/auth/mfa/recovery-codes")).Code.ShouldBe("AUTH_MFA_OFF");
    }

    private async Task<(Person Person, byte[] Secret, IReadOnlyList<string> Codes)> WithMfaAsync()
    {
        var person = await auth.RegisterAsync();
        var client = auth.Bearer(person.AccessToken);
        var secret = Decode((await client.PostAsync("/api/v1/auth/mfa/enroll")).Data["secret"]!.GetValue<string>());
        var confirmed = await client.PostAsync("/api/v1/auth/mfa/confirm", new { otp = CodeNow(secret) });
        confirmed.Status.ShouldBe(HttpStatusCode.OK, confirmed.Body);
        return (person, secret, [.. confirmed.Data["codes"]!.AsArray().Select(c => c!.GetValue<string>())]);
    }

    private static Person Refreshed(Person person, Answer answer) =>
        person with { AccessToken = answer.Data["accessToken"]!.GetValue<string>(), RefreshToken = answer.Data["refreshToken"]!.GetValue<string>() };

    private string CodeNow(byte[] secret) => Totp.CodeAt(secret, Totp.StepAt(auth.Clock.GetUtcNow()));

    private Task<Answer> LoginAsync(Person person, string otp) =>
        auth.Anonymous().PostAsync("/api/v1/auth/login", new { email = person.Email, password = Person.Password, otp });

    private static byte[] Decode(string base32)
    {
        var bytes = new List<byte>();
        int buffer = 0, bits = 0;
        foreach (var c in base32)
        {
            buffer = ((buffer << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c)) & 0xFFF;
            bits += 5;
            if (bits >= 8)
                bytes.Add((byte)(buffer >> (bits -= 8)));
        }
        return [.. bytes];
    }
}

/// <summary>An auth service whose clock these tests move.</summary>
public sealed class MfaFixture : AuthFixture;

using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Passwords;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.Tokens;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Errors;

namespace TalentSphere.Auth.Tests;

public sealed class DecisionTests
{
    private static readonly DateTime _now = new(2026, 11, 20, 9, 0, 0, DateTimeKind.Utc);
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_fresh_token_rotates_and_a_used_one_repeats_within_the_grace_only()
    {
        var (session, token) = Opened();
        session.Present(token, _now, _grace).ShouldBe(RefreshDecision.Rotate);
        token.Use(_now);
        session.Present(token, _now.AddSeconds(30), _grace).ShouldBe(RefreshDecision.Repeat);
        session.Present(token, _now.AddSeconds(30.001), _grace).ShouldBe(RefreshDecision.Reused);
        token.Use(_now.AddSeconds(20));
        session.Present(token, _now.AddSeconds(31), _grace).ShouldBe(RefreshDecision.Reused, "the grace counts from the first use");
    }

    [Fact]
    public void An_expired_token_is_invalid_used_or_not()
    {
        var (session, token) = Opened();
        session.Present(token, _now.AddDays(30), _grace).ShouldBe(RefreshDecision.Invalid);
        token.Use(_now);
        session.Present(token, _now.AddDays(31), _grace).ShouldBe(RefreshDecision.Invalid);
    }

    [Fact]
    public void A_revoked_session_takes_no_token_and_is_revoked_once()
    {
        var (session, token) = Opened();
        session.IsLive(_now).ShouldBeTrue();
        session.Revoke(RevocationReason.SignedOut, _now).ShouldBeTrue();
        session.Revoke(RevocationReason.Reuse, _now).ShouldBeFalse();
        session.IsLive(_now).ShouldBeFalse();
        session.Present(token, _now, _grace).ShouldBe(RefreshDecision.Invalid);
    }

    [Fact]
    public void The_last_admin_stays_admin()
    {
        var admin = new Account("a@example.org", "A", "hash", Roles.Admin);
        admin.ChangeRoles([Roles.JobSeeker], otherAdmins: 0).ShouldBe(RoleChange.LastAdmin);
        admin.IsAdmin.ShouldBeTrue();
        admin.ChangeRoles([Roles.Ops, Roles.Admin], otherAdmins: 0).ShouldBe(RoleChange.Changed);
        admin.Roles.ShouldBe([Roles.Admin, Roles.Ops]);
        admin.ChangeRoles([Roles.Admin, Roles.Ops], otherAdmins: 0).ShouldBe(RoleChange.Unchanged);
        admin.ChangeRoles([Roles.JobSeeker], otherAdmins: 1).ShouldBe(RoleChange.Changed);
    }

    [Fact]
    public void A_stored_hash_tells_its_parameters_and_knows_its_password()
    {
        var hash = PasswordHash.Create("violet-harbor-42", 1000);
        hash.ToString().ShouldStartWith("$pbkdf2-sha512$i=1000$");
        var read = PasswordHash.Parse(hash.ToString());
        read.Matches("violet-harbor-42").ShouldBeTrue();
        read.Matches("violet-harbor-43").ShouldBeFalse();
        PasswordHash.Create("violet-harbor-42", 1000).ToString().ShouldNotBe(hash.ToString());
        Should.Throw<FormatException>(() => PasswordHash.Parse("$2b$12$abcdefghijklmnopqrstuv"));
    }

    [Fact]
    public void Long_and_unusual_passwords_are_welcome()
    {
        PasswordPolicy.ListLength.ShouldBeGreaterThan(3000);
        foreach (var good in (string[])["correct horse 42 staples", "пароль-без-правил", "kX9#mQ2$vL5!", "the cat sat on the mat today", "Str0ng&Unusual-7"])
            PasswordPolicy.IsCommon(good).ShouldBeFalse(good);
        foreach (var bad in (string[])["0123456789", "9876543210", "abcdefghijkl", "zyxwvutsrqp", "12345678901234567890",
            "!!!!!!!!!!", "mailcreated5240", "NUTTERTOOLS", "warlord2024", "1212121212", "abcdabcdabcd", "QWERTY1234!".ToLowerInvariant()[..10]])
            PasswordPolicy.IsCommon(bad).ShouldBeTrue(bad);
    }

    [Fact]
    public void What_is_sealed_opens_for_its_owner_and_key_alone()
    {
        var keys = Keys("a-server-secret-of-32-characters!");
        var box = keys.Seal("secret"u8, "one");
        keys.Open(box, "one").ShouldBe("secret"u8.ToArray());
        box.ShouldNotBe(keys.Seal("secret"u8, "one"));
        Should.Throw<CryptographicException>(() => keys.Open(box, "two"));
        Should.Throw<CryptographicException>(() => Keys("another-secret-of-32-characters!!").Open(box, "one"));
        box[^1] ^= 1;
        Should.Throw<CryptographicException>(() => keys.Open(box, "one"));
        Should.Throw<CryptographicException>(() => keys.Open([1, 2, 3], "one"));
    }

    [Fact]
    public void A_successor_follows_from_the_token_its_row_and_the_servers_key()
    {
        var (row, secrets) = (Guid.CreateVersion7(), new RefreshSecrets(Keys("a-server-secret-of-32-characters!")));
        var token = RefreshSecrets.New();
        var successor = secrets.SuccessorOf(token, row);
        secrets.SuccessorOf(token, row).ShouldBe(successor);
        successor.Length.ShouldBe(43);
        secrets.SuccessorOf(RefreshSecrets.New(), row).ShouldNotBe(successor);
        secrets.SuccessorOf(token, Guid.CreateVersion7()).ShouldNotBe(successor);
        new RefreshSecrets(Keys("another-secret-of-32-characters!!")).SuccessorOf(token, row).ShouldNotBe(successor);
    }

    [Fact]
    public void A_key_signs_from_its_beginning_to_its_retirement_and_is_published_longer()
    {
        var key = SigningKey.Create(Keys("a-server-secret-of-32-characters!"), _now, _now.AddMinutes(10));
        key.Signs(_now).ShouldBeFalse();
        key.IsLive(_now, TimeSpan.FromMinutes(15)).ShouldBeTrue();
        key.Signs(_now.AddMinutes(10)).ShouldBeTrue();
        key.Signs(_now.AddYears(1)).ShouldBeTrue();
    }

    [Fact]
    public void Settings_that_cannot_work_are_named()
    {
        Faults(new AuthOptions { KeyEncryptionKey = new('k', 32) }).ShouldBeEmpty();
        Faults(new AuthOptions()).ShouldContain(f => f.Contains("KeyEncryptionKey"));
        Faults(new AuthOptions { KeyEncryptionKey = "short" }).ShouldContain(f => f.Contains("32"));
        Faults(new AuthOptions { KeyEncryptionKey = new('k', 32), PasswordRounds = 1000 }).ShouldHaveSingleItem();
        Faults(new AuthOptions { KeyEncryptionKey = new('k', 32), Admin = new() { Email = "a@example.org" } }).ShouldHaveSingleItem();
        Faults(new AuthOptions { KeyEncryptionKey = new('k', 32), RefreshGrace = TimeSpan.FromDays(31) }).ShouldHaveSingleItem();

        static IReadOnlyList<string> Faults(AuthOptions options)
        {
            var found = new List<ValidationResult>();
            Validator.TryValidateObject(options, new ValidationContext(options), found, validateAllProperties: true);
            return [.. found.Select(f => f.ErrorMessage!)];
        }
    }

    [Fact]
    public async Task A_crowd_at_the_hash_is_told_to_come_back()
    {
        using var passwords = new PasswordHashing(Options.Create(new AuthOptions { ConcurrentHashes = 1, WaitingHashes = 2 }));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            try
            {
                return await passwords.VerifyAsync(null, "violet-harbor-42", default) ? 200 : 401;
            }
            catch (ApiException e)
            {
                e.Problem.Code.ShouldBe("AUTH_BUSY");
                return e.Problem.Status;
            }
        }));
        outcomes.Count(o => o == 401).ShouldBe(3);
        outcomes.Count(o => o == 429).ShouldBe(9);
        (await passwords.VerifyAsync(null, "violet-harbor-42", default)).ShouldBeFalse();
    }

    private static ServerKeys Keys(string secret) => new(Options.Create(new AuthOptions { KeyEncryptionKey = secret }));

    private static (Session Session, RefreshToken Token) Opened()
    {
        var session = new Session(Guid.CreateVersion7(), new Caller("127.0.0.1", null), _now);
        return (session, session.Issue(RefreshSecrets.Hash("token"), _now, TimeSpan.FromDays(30)));
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Passwords;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.Tokens;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

/// <summary>A production-like service: no development accounts, one admin from the configuration, and a clock that only these tests move.</summary>
public sealed class ProductionFixture : AuthFixture
{
    public const string AdminEmail = "root@company.example";
    public const string AdminPassword = "first-admin-of-tests-9";

    public ProductionFixture()
    {
        Settings.Remove("Auth:Seed:Password");
        Settings["Auth:Admin:Email"] = " Root@Company.example";
        Settings["Auth:Admin:Password"] = AdminPassword;
    }
}

public sealed class TimeTests(ProductionFixture auth) : IClassFixture<ProductionFixture>
{
    [Fact]
    public async Task A_lost_answer_logs_nobody_out_but_a_stolen_token_ends_the_family()
    {
        var person = await auth.RegisterAsync();
        var second = (await auth.RefreshAsync(person.RefreshToken)).Data["refreshToken"]!.GetValue<string>();
        auth.Clock.Move(TimeSpan.FromSeconds(25));
        (await auth.RefreshAsync(person.RefreshToken)).Data["refreshToken"]!.GetValue<string>().ShouldBe(second);
        var third = (await auth.RefreshAsync(second)).Data["refreshToken"]!.GetValue<string>();

        auth.Clock.Move(TimeSpan.FromSeconds(10));
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => auth.RefreshAsync(person.RefreshToken)));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.Unauthorized && a.Code == "AUTH_REFRESH_REUSED");
        (await auth.RefreshAsync(third)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await auth.RefreshAsync(second)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await auth.Bearer(person.AccessToken).AskAsync("/api/v1/auth/verify")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        await auth.Events.ExpectAsync<UserLoggedOut>(1, e => e.UserId == person.Id);
        // Another session of the same person is another family.
        (await auth.SignInAsync(person.Email, Person.Password)).Id.ShouldBe(person.Id);
    }

    [Fact]
    public async Task A_refresh_token_dies_after_thirty_days_and_is_swept_away()
    {
        var person = await auth.RegisterAsync();
        auth.Clock.Move(TimeSpan.FromDays(29));
        var next = (await auth.RefreshAsync(person.RefreshToken)).Data["refreshToken"]!.GetValue<string>();
        auth.Clock.Move(TimeSpan.FromDays(30.5));
        (await auth.RefreshAsync(next)).Code.ShouldBe("AUTH_REFRESH_INVALID");
        await auth.LoginAsync(AuthFixture.NewEmail(), "violet-harbor-42");
        auth.Clock.Move(TimeSpan.FromHours(1));

        await auth.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<SweepExpired>().Single().SweepAsync(default);
        (await auth.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.AccountId == person.Id))).ShouldBe(0);
        (await auth.InDatabaseAsync(db => db.SignInFailures.CountAsync())).ShouldBe(0);
        (await auth.RefreshAsync(next)).Code.ShouldBe("AUTH_REFRESH_INVALID");
    }

    [Fact]
    public async Task A_link_is_good_for_its_time_and_no_longer()
    {
        var person = await auth.RegisterAsync();
        var verify = (await auth.MailsAsync(person.Email, "Confirm"))[0].Token;
        await auth.Anonymous().PostAsync("/api/v1/auth/password/forgot", new { email = person.Email });
        var reset = (await auth.MailsAsync(person.Email, "Choose"))[0].Token;
        auth.Clock.Move(TimeSpan.FromMinutes(15.1));
        (await auth.Anonymous().PostAsync("/api/v1/auth/password/reset", new { token = reset, newPassword = "amber-lantern-77" })).Code.ShouldBe("AUTH_LINK_INVALID");
        auth.Clock.Move(TimeSpan.FromHours(23));
        (await auth.Anonymous().PostAsync("/api/v1/auth/email/verify", new { token = verify })).Status.ShouldBe(HttpStatusCode.OK);

        var late = await auth.RegisterAsync();
        verify = (await auth.MailsAsync(late.Email, "Confirm"))[0].Token;
        auth.Clock.Move(TimeSpan.FromHours(24.1));
        (await auth.Anonymous().PostAsync("/api/v1/auth/email/verify", new { token = verify })).Code.ShouldBe("AUTH_LINK_INVALID");
    }

    [Fact]
    public async Task A_lock_opens_after_fifteen_minutes_and_is_never_prolonged()
    {
        var person = await auth.RegisterAsync();
        for (var i = 0; i < 5; i++)
            (await auth.LoginAsync(person.Email, "violet-harbor-43")).Code.ShouldBe("AUTH_001");
        auth.Clock.Move(TimeSpan.FromMinutes(14));
        var locked = await auth.LoginAsync(person.Email, "violet-harbor-43");
        locked.Code.ShouldBe("AUTH_LOCKED");
        locked.Headers.RetryAfter!.Delta!.Value.ShouldBeLessThanOrEqualTo(TimeSpan.FromMinutes(1));
        auth.Clock.Move(TimeSpan.FromMinutes(1.1));
        for (var i = 0; i < 4; i++)
            (await auth.LoginAsync(person.Email, "violet-harbor-43")).Code.ShouldBe("AUTH_001");
        (await auth.LoginAsync(person.Email, Person.Password)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Failures_far_apart_do_not_add_up()
    {
        var person = await auth.RegisterAsync();
        for (var i = 0; i < 4; i++)
            await auth.LoginAsync(person.Email, "violet-harbor-43");
        auth.Clock.Move(TimeSpan.FromMinutes(16));
        for (var i = 0; i < 4; i++)
            (await auth.LoginAsync(person.Email, "violet-harbor-43")).Code.ShouldBe("AUTH_001");
        (await auth.LoginAsync(person.Email, Person.Password)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_configured_admin_is_the_first_and_cannot_abdicate_alone()
    {
        var admin = await auth.SignInAsync(ProductionFixture.AdminEmail, ProductionFixture.AdminPassword);
        var client = auth.Bearer(admin.AccessToken);
        // Accounts that other tests seeded hold the role too.
        await auth.InDatabaseAsync(db => db.Accounts.Where(a => a.Id != admin.Id && a.Roles.Contains(Roles.Admin))
            .ExecuteUpdateAsync(s => s.SetProperty(a => a.Roles, new[] { Roles.JobSeeker })));
        var answer = await client.PutAsync($"/api/v1/auth/users/{admin.Id}/roles", new { roles = new[] { Roles.JobSeeker } });
        answer.Status.ShouldBe(HttpStatusCode.Conflict);
        answer.Code.ShouldBe("AUTH_LAST_ADMIN");
        (await client.RemoveAsync("/api/v1/auth/me", new { password = ProductionFixture.AdminPassword })).Code.ShouldBe("AUTH_LAST_ADMIN");

        var (first, second) = (await auth.RegisterAsync(), await auth.RegisterAsync());
        foreach (var person in (Person[])[first, second])
            (await client.PutAsync($"/api/v1/auth/users/{person.Id}/roles", new { roles = new[] { Roles.Admin } })).Status.ShouldBe(HttpStatusCode.OK);
        (await client.PutAsync($"/api/v1/auth/users/{admin.Id}/roles", new { roles = new[] { Roles.JobSeeker } })).Status.ShouldBe(HttpStatusCode.OK);
        // The token still says admin; the account no longer is one.
        (await client.PutAsync($"/api/v1/auth/users/{admin.Id}/roles", new { roles = new[] { Roles.Admin } })).Status.ShouldBe(HttpStatusCode.Forbidden);

        // Two admins who remove each other at the same moment: one remains.
        first = await auth.SignInAsync(first.Email, Person.Password);
        second = await auth.SignInAsync(second.Email, Person.Password);
        var statuses = await Task.WhenAll(Remove(first, second), Remove(second, first));
        statuses.Order().ShouldBe([HttpStatusCode.OK, HttpStatusCode.Forbidden]);
        var left = await auth.InDatabaseAsync(db => db.Accounts.SingleAsync(a => a.Roles.Contains(Roles.Admin)));
        left.Id.ShouldBeOneOf(first.Id, second.Id);

        await auth.InDatabaseAsync(async db =>
        {
            (await db.Accounts.SingleAsync(a => a.Id == left.Id)).ChangeRoles([Roles.JobSeeker], otherAdmins: 1);
            (await db.Accounts.SingleAsync(a => a.Id == admin.Id)).ChangeRoles([Roles.Admin], otherAdmins: 1);
            return await db.SaveChangesAsync();
        });

        async Task<HttpStatusCode> Remove(Person by, Person whom) =>
            (await auth.Bearer(by.AccessToken).PutAsync($"/api/v1/auth/users/{whom.Id}/roles", new { roles = new[] { Roles.JobSeeker } })).Status;
    }

    [Fact]
    public async Task Development_accounts_follow_their_configured_password_and_are_opened_once()
    {
        await Task.WhenAll(SeedAsync("first-seed-password"), SeedAsync("first-seed-password"));
        var signedIn = await auth.SignInAsync("ops@talentsphere.example", "first-seed-password");
        var before = await HashesAsync();
        before.Count.ShouldBe(5);
        await SeedAsync("first-seed-password");
        (await HashesAsync()).ShouldBe(before);
        signedIn = await auth.SignInAsync(signedIn.Email, "first-seed-password");

        await SeedAsync("second-seed-password");
        (await auth.LoginAsync("ops@talentsphere.example", "first-seed-password")).Code.ShouldBe("AUTH_001");
        (await auth.RefreshAsync(signedIn.RefreshToken)).Code.ShouldBe("AUTH_REFRESH_INVALID");
        (await auth.LoginAsync("ops@talentsphere.example", "second-seed-password")).Status.ShouldBe(HttpStatusCode.OK);
        // The exchange is shared with other test runs, which open accounts under the same addresses.
        var ours = await auth.InDatabaseAsync(db => db.Accounts.Select(a => a.Id).ToListAsync());
        foreach (var (email, _, _) in SeedAccounts.Development)
            await auth.Events.ExpectAsync<UserRegistered>(1, e => e.Email == email && ours.Contains(e.UserId));

        Task<List<string>> HashesAsync() => auth.InDatabaseAsync(db => db.Accounts
            .Where(a => a.Email.EndsWith("@talentsphere.example")).OrderBy(a => a.Email).Select(a => a.PasswordHash).ToListAsync());
    }

    [Fact]
    public async Task Seeding_leaves_an_account_alone_that_somebody_else_opened()
    {
        const string email = "instructor@talentsphere.example";
        await SeedAsync("first-seed-password");
        var seeded = await AccountAsync();
        await ChangeAsync(null, [Roles.JobSeeker]);
        var session = await auth.SignInAsync(email, "first-seed-password");

        await SeedAsync("third-seed-password");
        var after = await AccountAsync();
        (after.PasswordHash, after.SeedFingerprint).ShouldBe((seeded.PasswordHash, null));
        after.Roles.ShouldBe([Roles.JobSeeker]);
        (await auth.RefreshAsync(session.RefreshToken)).Status.ShouldBe(HttpStatusCode.OK);
        (await auth.LoginAsync("ops@talentsphere.example", "third-seed-password")).Status.ShouldBe(HttpStatusCode.OK);
        await ChangeAsync(seeded.SeedFingerprint, seeded.Roles);

        Task<Account> AccountAsync() => auth.InDatabaseAsync(db => db.Accounts.AsNoTracking().SingleAsync(a => a.Email == email));

        Task ChangeAsync(byte[]? fingerprint, string[] roles) => auth.InDatabaseAsync(db => db.Accounts.Where(a => a.Email == email)
            .ExecuteUpdateAsync(s => s.SetProperty(a => a.SeedFingerprint, fingerprint).SetProperty(a => a.Roles, roles)));
    }

    [Fact]
    public async Task A_sign_in_that_cannot_forget_its_failures_leaves_no_session()
    {
        var person = await auth.RegisterAsync();
        await auth.LoginAsync(person.Email, "violet-harbor-43");
        await ExecuteAsync(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''refused by the test''; END';
            CREATE TRIGGER refuse BEFORE DELETE ON sign_in_failures FOR EACH ROW EXECUTE FUNCTION refuse();
            """);
        try
        {
            (await auth.LoginAsync(person.Email, Person.Password)).Status.ShouldBe(HttpStatusCode.InternalServerError);
        }
        finally
        {
            await ExecuteAsync("DROP FUNCTION refuse CASCADE");
        }
        (await auth.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.AccountId == person.Id))).ShouldBe(1);
        (await auth.LoginAsync(person.Email, Person.Password)).Status.ShouldBe(HttpStatusCode.OK);
        await auth.Events.ExpectAsync<UserLoggedIn>(1, e => e.UserId == person.Id);
    }

    [Fact]
    public async Task No_request_waits_for_keys_that_are_in_memory()
    {
        var ring = auth.Services.GetRequiredService<KeyRing>();
        await ring.SigningKeyAsync(default);
        var later = SigningKey.Create(auth.Services.GetRequiredService<ServerKeys>(), auth.Clock.GetUtcNow().UtcDateTime, auth.Clock.GetUtcNow().UtcDateTime.AddDays(900));
        await auth.InDatabaseAsync(db =>
        {
            db.SigningKeys.Add(later);
            return db.SaveChangesAsync();
        });
        await auth.InDatabaseAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await db.Database.ExecuteSqlRawAsync("LOCK TABLE signing_keys IN ACCESS EXCLUSIVE MODE");
            auth.Clock.Move(TimeSpan.FromMinutes(2));
            for (var i = 0; i < 20; i++)
                ring.PublishedAsync(default).IsCompletedSuccessfully.ShouldBeTrue();
            return true;
        });
        await Eventually.SeesAsync(async () => (await ring.PublishedAsync(default)).Keys.Count, n => n == 2, "the other key to be known");
        await auth.InDatabaseAsync(db => db.SigningKeys.Where(k => k.Id == later.Id).ExecuteDeleteAsync());
        ring.Reload();
    }

    [Fact]
    public async Task One_first_key_is_made_however_many_replicas_start_and_a_lost_secret_is_named()
    {
        var ring = auth.Services.GetRequiredService<KeyRing>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => auth.WithAsync<AuthDbContext, bool>(async db =>
        {
            await new CreateFirstSigningKey(db, auth.Services.GetRequiredService<ServerKeys>(), ring, TrailOf(db), auth.Clock, NullLogger<CreateFirstSigningKey>.Instance)
                .RunAsync(auth.Services, default);
            return true;
        })));
        var key = await auth.InDatabaseAsync(db => db.SigningKeys.SingleAsync());
        var other = new ServerKeys(Options.Create(new AuthOptions { KeyEncryptionKey = new('x', 40) }));
        Should.Throw<InvalidOperationException>(() => key.OpenPrivateKey(other)).Message.ShouldContain("KeyEncryptionKey");
    }

    private Task<int> ExecuteAsync(string sql) => auth.InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(sql));

    private AuditTrail TrailOf(AuthDbContext db) => new(db, auth.Services.GetRequiredService<AuditChain>(), auth.Clock);

    private Task SeedAsync(string password) => auth.WithAsync<AuthDbContext, bool>(async db =>
    {
        var options = Options.Create(new AuthOptions { KeyEncryptionKey = new('k', 32), Seed = new() { Password = password } });
        await new SeedAccounts(db, auth.Services.GetRequiredService<ServerKeys>(), auth.Services.GetRequiredService<PasswordHashing>(), options, TrailOf(db), auth.Clock,
            NullLogger<SeedAccounts>.Instance)
            .RunAsync(auth.Services, default);
        return true;
    });
}

using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.ApiKeys;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Devices;
using TalentSphere.Auth.Erasure;
using TalentSphere.Auth.Links;
using TalentSphere.Auth.Mail;
using TalentSphere.Auth.Mfa;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.SignIn;
using TalentSphere.Auth.SystemKeys;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Auth.Data;

/// <summary>The auth service's own database.</summary>
public sealed class AuthDbContext(DbContextOptions<AuthDbContext> options) : DbContext(options)
{
    public DbSet<Account> Accounts => Set<Account>();

    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();

    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();

    public DbSet<SignInFailure> SignInFailures => Set<SignInFailure>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<SystemKey> SystemKeys => Set<SystemKey>();

    public DbSet<UsedNonce> UsedNonces => Set<UsedNonce>();

    public DbSet<RevokedTokens> RevokedTokens => Set<RevokedTokens>();

    public DbSet<ErasureCase> ErasureCases => Set<ErasureCase>();

    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    public DbSet<AuditOrigin> AuditOrigins => Set<AuditOrigin>();

    public DbSet<AuditHead> AuditHeads => Set<AuditHead>();

    public DbSet<PendingMail> PendingMails => Set<PendingMail>();

    public DbSet<OneTimeLink> OneTimeLinks => Set<OneTimeLink>();

    public DbSet<KnownDevice> KnownDevices => Set<KnownDevice>();

    public DbSet<Authenticator> Authenticators => Set<Authenticator>();

    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseMeshConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(AuthDbContext).Assembly);
        modelBuilder.AddMessagingTables();
        modelBuilder.UseMeshConventions();
    }
}

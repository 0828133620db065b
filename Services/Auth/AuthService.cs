using Microsoft.EntityFrameworkCore.Diagnostics;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.ApiKeys;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Devices;
using TalentSphere.Auth.Erasure;
using TalentSphere.Auth.Links;
using TalentSphere.Auth.Mail;
using TalentSphere.Auth.Mfa;
using TalentSphere.Auth.Passwords;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.SignIn;
using TalentSphere.Auth.SystemKeys;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Errors;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Auth;

/// <summary>What the auth service consists of.</summary>
public static class AuthService
{
    /// <summary>Accounts, sessions, keys, and where they are kept.</summary>
    public static void AddAuth(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<AuthDbContext>();
        builder.AddMessaging<AuthDbContext>(messaging => messaging.AddConsumers(typeof(NoteAnswer<>)));
        builder.Services.AddValidation();
        builder.Services.AddOptions<AuthOptions>().BindConfiguration("Auth").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddConflict("ix_accounts_email", "AUTH_003", "An account with this e-mail address exists already.");

        builder.Services.AddSingleton<ServerKeys>();
        builder.Services.AddSingleton<KeyRing>();
        builder.Services.AddSingleton<AccessTokens>();
        builder.Services.AddSingleton<PasswordHashing>();
        builder.Services.AddSingleton<RefreshSecrets>();
        builder.Services.AddSingleton<Receipts>();
        builder.Services.AddSingleton<AuditChain>();
        builder.Services.AddScoped<AuditTrail>();
        builder.Services.AddScoped<AuditVerification>();
        builder.Services.AddScoped<SignInLock>();
        builder.Services.AddScoped<LiveSessions>();
        builder.Services.AddScoped<KnownDevices>();
        builder.Services.AddScoped<SecondFactor>();
        builder.Services.AddScoped<StepUp>();
        builder.Services.AddScoped<PasswordReplacement>();
        builder.Services.AddScoped<OneTimeLinks>();
        builder.Services.AddScoped<Mailbox>();
        builder.Services.AddScoped<PasswordProof>();
        builder.Services.AddScoped<SessionOpening>();

        builder.Services.AddOptions<MailOptions>().BindConfiguration("Mail").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<LetterWriter>();
        builder.Services.AddSingleton<ILetterDelivery, Delivery>();
        builder.Services.AddHostedService<DeliverMail>();

        builder.Services.AddScoped<IStartupTask, CreateFirstSigningKey>();
        builder.Services.AddScoped<IStartupTask, SeedAccounts>();
        builder.Services.AddScoped<KeyRotation>();
        builder.Services.AddHostedService<SweepExpired>();
        builder.Services.AddHostedService<RotateKeysOnSchedule>();

        builder.Services.AddSingleton<IInterceptor, RecordRevokedTokens>();
        // This service holds the keys and the list of revoked tokens: it does not ask itself for them over HTTP.
        builder.Services.UseOwnKeys<KeyRing, StoredRevocations>();
    }

    /// <summary>Every route.</summary>
    public static void MapAuth(this WebApplication app)
    {
        app.MapSignIn();
        app.MapSessions();
        app.MapAccounts();
        app.MapKeys();
        app.MapApiKeys();
        app.MapSystemKeys();
        app.MapPasswords();
        app.MapMfa();
        app.MapErasure();
        app.MapAudit();
        app.MapWellKnown();
    }
}

using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.SignIn;
using TalentSphere.Auth.Tokens;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Auth.Sessions;

/// <summary>Exchanges a refresh token.</summary>
public sealed class RefreshRequest
{
    /// <summary>The newest refresh token of the session.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(512, ErrorMessage = "must have at most 512 characters")]
    public string? RefreshToken { get; init; }
}

internal static class RefreshSession
{
    public static async Task<Results<ApiOk<SignedIn>, ApiProblem>> HandleAsync(
        RefreshRequest request, HttpContext context, AuthDbContext db, RefreshSecrets secrets, AccessTokens accessTokens,
        IOptions<AuthOptions> options, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var presented = request.RefreshToken!;
        var hash = RefreshSecrets.Hash(presented);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // The whole family takes turns on its session's row: twenty at once see one rotation and nineteen repetitions.
        var session = (await db.Sessions
            .FromSql($"SELECT s.* FROM sessions s JOIN refresh_tokens t ON t.session_id = s.id WHERE t.token_hash = {hash} FOR UPDATE OF s")
            .ToListAsync(cancellationToken)).SingleOrDefault();
        if (session is null)
            return Invalid(context);
        var token = await db.RefreshTokens.SingleAsync(t => t.TokenHash == hash, cancellationToken);
        var account = await db.Accounts.AsNoTracking().SingleAsync(a => a.Id == session.AccountId, cancellationToken);
        // A sign-in that was on its way while the account was blocked made this session behind the block's back.
        if (account.BlockedAt is not null)
            return Invalid(context);
        var now = time.GetUtcNow().UtcDateTime;
        var successor = secrets.SuccessorOf(presented, token.Id);
        switch (session.Present(token, now, options.Value.RefreshGrace))
        {
            case RefreshDecision.Rotate:
                token.Use(now);
                db.RefreshTokens.Add(session.Issue(RefreshSecrets.Hash(successor), now, options.Value.RefreshTokenLifetime));
                break;
            case RefreshDecision.Repeat:
                break;
            case RefreshDecision.Reused:
                var caller = Caller.Of(context);
                if (session.Revoke(RevocationReason.Reuse, now))
                    db.Publish(new UserLoggedOut(session.AccountId, caller.IpAddress, caller.UserAgent));
                await db.SaveChangesAsync(cancellationToken);
                await audit.WriteAsync(
                    new(AuditActs.RefreshReused, AuditOutcome.Denied, caller) { Target = session.Id, Subject = session.AccountId }, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return context.Unauthorized("AUTH_REFRESH_REUSED", "This refresh token was used before: the session has been ended. Sign in again.");
            default:
                return Invalid(context);
        }
        session.Touch(Caller.Of(context), now, session.ExpiresAt);
        await db.SaveChangesAsync(cancellationToken);
        var accessToken = await accessTokens.IssueAsync(account, session.Id, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(new SignedIn
        {
            AccessToken = accessToken,
            RefreshToken = successor,
            ExpiresIn = accessTokens.ExpiresIn,
            User = AccountView.Of(account),
        });
    }

    private static ApiProblem Invalid(HttpContext context) =>
        context.Unauthorized("AUTH_REFRESH_INVALID", "This refresh token is unknown, expired or revoked. Sign in again.");
}

using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.SignIn;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Auth.Sessions;

/// <summary>Names the session to end, where no access token does.</summary>
public sealed class LogoutRequest
{
    /// <summary>Any refresh token of the session, also a used one.</summary>
    [StringLength(512, ErrorMessage = "must have at most 512 characters")]
    public string? RefreshToken { get; init; }
}

internal static class EndSession
{
    /// <summary>Ends the session of the access token, of the refresh token, or both; saying it again changes nothing.</summary>
    public static async Task<Results<NoContent, ApiProblem>> LogoutAsync(
        LogoutRequest? request, ClaimsPrincipal user, HttpContext context, AuthDbContext db, AuditTrail audit, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var current = user.SessionId();
        if (current is null && request?.RefreshToken is null)
            return context.Unauthorized("AUTH_REQUIRED", "Send an access token or a refresh token.");
        var hash = RefreshSecrets.Hash(request?.RefreshToken ?? "");
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var sessions = await db.Sessions
            .FromSql($"""
                SELECT * FROM sessions
                WHERE id = {current ?? Guid.Empty} OR id = (SELECT session_id FROM refresh_tokens WHERE token_hash = {hash})
                ORDER BY id FOR UPDATE
                """)
            .ToListAsync(cancellationToken);
        await RevokeAsync(AuditActs.SignOut, sessions, context, db, audit, time, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>Ends one of the caller's own sessions.</summary>
    public static async Task<Results<NoContent, ApiProblem>> DeleteAsync(
        Guid id, ClaimsPrincipal user, HttpContext context, AuthDbContext db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var owner = user.UserId();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var sessions = await db.Sessions
            .FromSql($"SELECT * FROM sessions WHERE id = {id} AND account_id = {owner} FOR UPDATE").ToListAsync(cancellationToken);
        if (sessions.Count == 0)
            return Api.NotFound("AUTH_SESSION_NOT_FOUND", "You have no such session.");
        await RevokeAsync(AuditActs.SessionRevoked, sessions, context, db, audit, time, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>Ends all of the caller's sessions but the one that asks.</summary>
    public static async Task<Results<NoContent, ApiProblem>> DeleteOthersAsync(
        ClaimsPrincipal user, HttpContext context, AuthDbContext db, LiveSessions live, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        // Who was thrown out must not throw others out in turn.
        if (await live.FindAsync(user, cancellationToken) is not { } current)
            return context.SessionEnded();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var sessions = await db.Sessions
            .FromSql($"SELECT * FROM sessions WHERE account_id = {current.AccountId} AND id <> {current.Id} AND revoked_at IS NULL ORDER BY id FOR UPDATE")
            .ToListAsync(cancellationToken);
        await RevokeAsync(AuditActs.SessionRevoked, sessions, context, db, audit, time, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task RevokeAsync(
        string act, List<Session> sessions, HttpContext context, AuthDbContext db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        var ended = sessions.Where(s => s.Revoke(RevocationReason.SignedOut, time.GetUtcNow().UtcDateTime)).ToList();
        foreach (var session in ended)
            db.Publish(new UserLoggedOut(session.AccountId, caller.IpAddress, caller.UserAgent));
        await db.SaveChangesAsync(cancellationToken);
        foreach (var session in ended)
            await audit.WriteAsync(new(act, AuditOutcome.Succeeded, caller) { Actor = session.AccountId, Target = session.Id }, cancellationToken);
    }
}

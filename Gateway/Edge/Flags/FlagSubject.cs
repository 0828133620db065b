namespace TalentSphere.Gateway.Edge.Flags;

/// <summary>Whom a flag is evaluated for.</summary>
/// <param name="Identity">What keeps the answer the same from one request to the next: the account, or the id an anonymous client gives itself; null: nothing does.</param>
/// <param name="User">The account; null: not signed in.</param>
/// <param name="Roles">Its roles.</param>
/// <param name="Tenant">The tenant, as it was checked.</param>
internal sealed record FlagSubject(string? Identity, Guid? User, IReadOnlyList<string> Roles, string? Tenant)
{
    /// <summary>An account.</summary>
    public static FlagSubject SignedIn(Guid user, IReadOnlyList<string> roles, string? tenant) => new(user.ToString(), user, roles, tenant);

    /// <summary>Somebody who is not signed in.</summary>
    /// <param name="clientId">What the client calls itself; null: it does not say.</param>
    /// <param name="tenant">The tenant.</param>
    public static FlagSubject Anonymous(string? clientId, string? tenant) =>
        // The prefix keeps it apart from accounts: nobody takes an account's place by naming it.
        new(clientId is null ? null : "anonymous:" + clientId, null, [], tenant);
}

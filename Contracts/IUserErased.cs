namespace TalentSphere.Contracts;

/// <summary>
/// A service's answer to <c>auth.user.deleted</c>. Every event record that implements this is an answer that auth waits for before it closes the case:
/// a new service is waited for as soon as its record is here.
/// </summary>
public interface IUserErased
{
    /// <summary>The user.</summary>
    Guid UserId { get; }

    /// <summary>How many rows were erased or made anonymous.</summary>
    int Records { get; }
}

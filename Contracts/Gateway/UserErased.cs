namespace TalentSphere.Contracts.Gateway;

/// <summary>The gateway holds nothing personal of the user any more.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Records">How many rows were erased or made anonymous.</param>
[Topic("gateway.user.erased", nameof(UserId))]
public sealed record UserErased(Guid UserId, int Records) : IUserErased;

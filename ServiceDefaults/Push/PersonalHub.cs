using Microsoft.AspNetCore.SignalR;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.ServiceDefaults.Push;

/// <summary>A hub where open clients hear what is theirs alone. Clients call nothing, which is why there is no method here.</summary>
public abstract class PersonalHub(Audience audience) : Hub
{
    /// <summary>The group of all connections of a person.</summary>
    public static string GroupOf(Guid userId) => userId.ToString();

    /// <inheritdoc/>
    public override async Task OnConnectedAsync()
    {
        var userId = Context.User!.UserId();
        if (!audience.TryEnter(userId, Context.ConnectionId))
        {
            Context.Abort();
            return;
        }
        await Groups.AddToGroupAsync(Context.ConnectionId, Context.UserIdentifier!, Context.ConnectionAborted);
    }

    /// <inheritdoc/>
    public override Task OnDisconnectedAsync(Exception? exception)
    {
        audience.Leave(Context.User!.UserId(), Context.ConnectionId);
        return Task.CompletedTask;
    }
}

/// <summary>A connection belongs to the token's subject; SignalR alone would look for another claim.</summary>
internal sealed class SubjectAsUser : IUserIdProvider
{
    public string? GetUserId(HubConnectionContext connection) => connection.User.FindUserId()?.ToString();
}

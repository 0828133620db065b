using Microsoft.AspNetCore.SignalR;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Notification.Push;

/// <summary>
/// Where open clients hear of their notifications. The server calls <c>notification</c> with a notification and <c>unreadCount</c>
/// with a number; clients call nothing, which is why there is no method here.
/// </summary>
internal sealed class NotificationHub(Audience audience) : Hub
{
    public const string Path = "/hubs/notifications";

    public const string Notification = "notification";

    public const string UnreadCount = "unreadCount";

    public static string GroupOf(Guid userId) => userId.ToString();

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

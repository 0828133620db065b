using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Notification.Push;

internal static class PushExtensions
{
    // The handshake and keep-alives are all that clients have to say.
    private const int _maxIncoming = 1024;

    private static readonly TimeSpan _sendLimit = TimeSpan.FromSeconds(5);

    public static void AddLivePush(this WebApplicationBuilder builder)
    {
        builder.Services.AddSignalR(o =>
        {
            o.MaximumReceiveMessageSize = _maxIncoming;
            o.MaximumParallelInvocationsPerClient = 1;
            o.EnableDetailedErrors = false;
        }).AddJsonProtocol(o => ApiJson.Apply(o.PayloadSerializerOptions));
        builder.Services.AddSingleton<IUserIdProvider, SubjectAsUser>();
        builder.Services.AddSingleton<Audience>();
        builder.Services.AddSingleton<ReplicaFanOut>();
        builder.Services.AddHostedService(s => s.GetRequiredService<ReplicaFanOut>());
        builder.Services.AddSingleton<LivePush>();
        builder.Services.AddHostedService(s => s.GetRequiredService<LivePush>());
    }

    public static void MapLivePush(this IEndpointRouteBuilder routes) =>
        routes.MapHub<NotificationHub>(NotificationHub.Path, o =>
        {
            // A WebSocket lives on the replica it was opened on; polls of one client would land on any.
            o.Transports = HttpTransportType.WebSockets;
            o.CloseOnAuthenticationExpiration = true;
            o.TransportSendTimeout = _sendLimit;
        }).RequireSignedIn();
}

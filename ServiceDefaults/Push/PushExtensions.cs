using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Push;

/// <summary>Registers a service's live push.</summary>
public static class PushExtensions
{
    // The handshake and keep-alives are all that clients have to say.
    private const int _maxIncoming = 1024;

    private static readonly TimeSpan _sendLimit = TimeSpan.FromSeconds(5);

    /// <summary>Adds SignalR, the fan-out between replicas and <typeparamref name="TPush"/>. Needs <c>AddRedis</c>.</summary>
    public static void AddLivePush<TPush, THub, TMessage>(this IHostApplicationBuilder builder)
        where TPush : LivePush<THub, TMessage>
        where THub : PersonalHub
        where TMessage : class, IPushMessage
    {
        builder.Services.AddSignalR(o =>
        {
            o.MaximumReceiveMessageSize = _maxIncoming;
            o.MaximumParallelInvocationsPerClient = 1;
            o.EnableDetailedErrors = false;
        }).AddJsonProtocol(o => ApiJson.Apply(o.PayloadSerializerOptions));
        builder.Services.AddSingleton<IUserIdProvider, SubjectAsUser>();
        builder.Services.AddSingleton<Audience>();
        builder.Services.AddSingleton<ReplicaFanOut<TMessage>>();
        builder.Services.AddHostedService(s => s.GetRequiredService<ReplicaFanOut<TMessage>>());
        builder.Services.AddSingleton<TPush>();
        builder.Services.AddHostedService(s => s.GetRequiredService<TPush>());
    }

    /// <summary>Maps the hub for whoever is signed in.</summary>
    public static void MapLivePush<THub>(this IEndpointRouteBuilder routes, string path)
        where THub : PersonalHub => routes.MapHub<THub>(path, o =>
        {
            // A WebSocket lives on the replica it was opened on; polls of one client would land on any.
            o.Transports = HttpTransportType.WebSockets;
            o.CloseOnAuthenticationExpiration = true;
            o.TransportSendTimeout = _sendLimit;
        }).RequireSignedIn();
}

using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.AppHost.Kubernetes.Model;

namespace TalentSphere.AppHost.Tests.Publishing;

/// <summary>Small app models, described for deployment; nothing of them is ever started.</summary>
internal static class SmallMesh
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(LocalRun.Fixture)!, "..", "..", ".."));

    public static IDistributedApplicationBuilder Builder(params string[] args) => LocalRun.Builder(["--operation", "publish", .. args]);

    public static MeshServers AddServers(this IDistributedApplicationBuilder builder) =>
        new(builder.AddPostgresServer("postgres"), builder.AddRedisServer("redis"), builder.AddRabbitMqServer("rabbitmq"));

    /// <summary>A gateway, two services and a worker: lms calls auth and the worker.</summary>
    public static IDistributedApplicationBuilder Usual(Action<IResourceBuilder<ProjectResource>>? lms = null)
    {
        var builder = Builder();
        var servers = builder.AddServers();
        var auth = builder.AddMeshService("auth", LocalRun.Fixture, servers);
        var key = builder.AddGeneratedSecret("worker-key", 43);
        var worker = builder.AddMeshWorker("worker", LocalRun.Fixture).WithEnvironment("Worker__Key", key);
        var service = builder.AddMeshService("lms", LocalRun.Fixture, servers).WithReference(auth).WithReference(worker)
            .WithEnvironment("Key", ReferenceExpression.Create($"{key}=")).WithEnvironment("PLAIN", "a {brace}");
        lms?.Invoke(service);
        builder.AddMeshGateway("gateway", LocalRun.Fixture, auth, service);
        return builder;
    }

    public static async Task<MeshModel> ReadAsync(this IDistributedApplicationBuilder builder, EventCatalogue? events = null)
    {
        await using var app = builder.Build();
        return await MeshModelReader.ReadAsync(
            app.Services.GetRequiredService<DistributedApplicationModel>(), builder.ExecutionContext, events ?? EventCatalogue.Empty, Root, LocalRun.Cancelled);
    }

    /// <summary>The contracts of services that publish and hear: <c>("lms", "lms.a.b", ["auth"])</c>.</summary>
    public static EventCatalogue Events(params (string Publisher, string Topic, string[] Hearers)[] events)
    {
        static object Channel(string topic) => new Dictionary<string, object> { ["$ref"] = $"#/channels/{topic}" };
        var operations = new Dictionary<string, object>(StringComparer.Ordinal);
        var channels = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (publisher, topic, hearers) in events)
        {
            channels[topic] = new { bindings = new { amqp = new Dictionary<string, object> { ["is"] = "routingKey", ["exchange"] = new { name = "the.events" } } } };
            operations[$"{publisher}.send.{topic}"] = new Dictionary<string, object> { ["action"] = "send", ["channel"] = Channel(topic), ["x-service"] = publisher };
            foreach (var hearer in hearers)
            {
                operations[$"{hearer}.receive.{topic}"] = new Dictionary<string, object>
                {
                    ["action"] = "receive",
                    ["channel"] = Channel(topic),
                    ["x-service"] = hearer,
                    ["x-queue"] = $"{hearer}.events",
                    ["x-dead-letter-queue"] = $"{hearer}.events.dlq",
                };
            }
        }
        return EventCatalogue.Read(JsonSerializer.SerializeToElement(new { operations, channels }));
    }
}

using Aspire.Hosting;
using TalentSphere.AppHost;

// A small mesh with the real servers, in a process of its own that a test may kill.
var builder = DistributedApplication.CreateBuilder(args);
var fixture = builder.Configuration["fixture"]!;
var servers = new MeshServers(builder.AddPostgresServer("postgres"), builder.AddRedisServer("redis"), builder.AddRabbitMqServer("rabbitmq"));
var one = builder.AddMeshService("one", fixture, servers);
var two = builder.AddMeshService("two", fixture, servers).WithReference(one);
builder.AddMeshGateway("gateway", fixture, one, two);
await builder.Build().RunAsync();

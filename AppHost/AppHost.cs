using TalentSphere.AppHost;

var builder = DistributedApplication.CreateBuilder(args);

var servers = new MeshServers(
    builder.AddPostgresServer("postgres"),
    builder.AddRedisServer("redis"),
    builder.AddRabbitMqServer("rabbitmq"));

// 43 letters and digits and "=" are 32 random bytes in base64.
var keyEncryptionKey = builder.AddGeneratedSecret("auth-key-encryption-key", 43);
var auth = builder.AddMeshService("auth", "../Services/Auth/Auth.csproj", servers)
    .WithEnvironment("Auth__KeyEncryptionKey", ReferenceExpression.Create($"{keyEncryptionKey}="))
    .WithFirstAccounts().WithMail();

// The same for the keys that sign verdicts.
var proofKeyEncryptionKey = builder.AddGeneratedSecret("proof-key-encryption-key", 43);

// Runs strangers' programs, and so knows no server, no account and no key but its own. Nobody waits for it: without it submissions stay queued.
var judgeKey = builder.AddGeneratedSecret("judge-key", 43);
var judge = builder.AddMeshWorker("judge", "../Services/Judge/Judge.csproj").RunningStrangersPrograms().WithEnvironment("Judge__Key", judgeKey);

// One line per service. Each learns where auth is, for its key set; none waits for it.
IResourceBuilder<ProjectResource>[] services =
[
    builder.AddMeshService("lms", "../Services/Lms/Lms.csproj", servers).WithReference(auth),
    builder.AddMeshService("challenges", "../Services/Challenges/Challenges.csproj", servers).WithReference(auth)
        .WithReference(judge).WithEnvironment("Judge__Key", judgeKey)
        .WithEnvironment("Proofs__KeyEncryptionKey", ReferenceExpression.Create($"{proofKeyEncryptionKey}=")),
    builder.AddMeshService("jobs", "../Services/Jobs/Jobs.csproj", servers).WithReference(auth),
    builder.AddMeshService("gamification", "../Services/Gamification/Gamification.csproj", servers).WithReference(auth),
    builder.AddMeshService("notification", "../Services/Notification/Notification.csproj", servers).WithReference(auth),
];

builder.AddMeshGateway("gateway", "../Gateway/Gateway.csproj", [auth, .. services]).WithServers(servers);

builder.RefuseUnknownReplicas();
builder.AddKubernetesManifests();
await builder.Build().RunAsync();

namespace TalentSphere.AppHost.Kubernetes.Platform;

/// <summary>The release of each server that goes with the major version the model asks for. A new major version there fails here until somebody has chosen.</summary>
internal static class ServerImages
{
    public static string Postgres(Server server) => $"ghcr.io/cloudnative-pg/postgresql:{Release(server, ("17", "17.6"))}";

    /// <summary>The same with Citus: <c>citus.Dockerfile</c> builds it, as nobody publishes one that the operator can run.</summary>
    public static string Citus(Server server) => $"ghcr.io/talentsphere/postgresql-citus:{Release(server, ("17", "17.6-13.2"))}";

    public static string Redis(Server server) => $"docker.io/library/redis:{Release(server, ("7", "7.4.5-alpine"))}";

    public static string RabbitMq(Server server) => $"docker.io/library/rabbitmq:{Release(server, ("4", "4.1.4-management"))}";

    private static string Release(Server server, params (string Major, string Release)[] known) =>
        known.FirstOrDefault(k => k.Major == server.Version).Release
            ?? throw new DistributedApplicationException($"No release is chosen for version {server.Version} of '{server.Name}': see ServerImages.");
}

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>redis-server, in memory only. Its configuration goes in on standard input: the password is in no file of redis and in no argument.</summary>
internal sealed class RedisProgram : IServerProgram
{
    public string Image => "redis";

    public Task<LaunchSpec> PrepareAsync(ServerRequest request, CancellationToken cancellationToken)
    {
        var configuration = $"""
            bind 127.0.0.1
            port {request.Port}
            requirepass {request.Required("REDIS_PASSWORD")}
            dir "{request.Directory}"
            save ""
            appendonly no
            daemonize no
            hz 5

            """;
        return Task.FromResult(new LaunchSpec(Programs.Find("redis-server", "redis-server"), ["-"], request.Directory) { StandardInput = configuration });
    }
}

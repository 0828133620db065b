namespace TalentSphere.TestKit;

/// <summary>Starts the servers that a whole test run shares, prints their addresses as NAME=value lines, and keeps them until standard input ends.</summary>
// Not top-level statements: their public Program would stand beside the Program of the service under test.
internal static class ServersProgram
{
    private static async Task Main()
    {
        var servers = await TestServers.StartAsync("postgres", "redis");
        foreach (var (name, value) in servers.ToEnvironment())
            Console.WriteLine($"{name}={value}");
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
    }
}

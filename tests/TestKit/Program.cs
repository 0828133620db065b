using TalentSphere.TestKit;

// Starts the servers of a whole test run, prints their addresses as NAME=value lines, and keeps them until standard input ends.
var servers = await TestServers.StartOwnAsync();
foreach (var (name, value) in servers.ToEnvironment())
    Console.WriteLine($"{name}={value}");
Console.WriteLine("ready");
await Console.In.ReadToEndAsync();

using System.CommandLine;
using System.ComponentModel;
using System.Text.Json;
using TalentSphere.Cli;
using TalentSphere.Cli.Commands;

var root = new RootCommand("TalentSphere: start, watch, try and test the mesh.")
{
    UpCommand.Create(),
    DownCommand.Create(),
    StatusCommand.Create(),
    LogsCommand.Create(),
    MailCommand.Create(),
    TokenCommand.Create(),
    ConnectionCommand.Create(),
    EventsCommand.Create(),
    KeysCommand.Create(),
    AuditCommand.Create(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    DemoCommand.Create(),
    TestCommand.Create(),
    BenchCommand.Create(),
    SchemasCommand.Create(),
    GraphCommand.Create(),
    PublishCommand.Create(),
    DoctorCommand.Create(),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
}
catch (MeshException e)
{
    await Console.Error.WriteLineAsync("mesh: " + e.Message);
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or Win32Exception or JsonException or TimeoutException)
{
    await Console.Error.WriteLineAsync("mesh: " + e.Message);
    return 1;
}

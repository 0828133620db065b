using System.CommandLine;
using TalentSphere.Cli.Machine;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh doctor</c>: what this machine lacks and how to get it.</summary>
public static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("doctor", "What this machine lacks and how to get it.");
        command.SetAction(_ =>
        {
            var lacking = 0;
            Console.WriteLine($"ok       .NET SDK    {Environment.Version} runtime");
            foreach (var need in (IEnumerable<Prerequisite>)
                [.. Prerequisites.Servers, .. Prerequisites.Judge, .. Prerequisites.JudgeLanguages, .. Prerequisites.Dashboard, .. Prerequisites.Browser, .. Prerequisites.Manifests, .. Prerequisites.Load])
            {
                var path = need.Find();
                if (path is null)
                    lacking++;
                Console.WriteLine($"{(path is null ? "missing" : "ok     ")}  {need.Name,-10}  {path ?? $"for {need.Why}: apt-get install {need.Package}"}");
            }
            Console.WriteLine($"{(AspireDashboard.IsInstalled ? "ok     " : "missing")}  Dashboard   {(AspireDashboard.IsInstalled ? AspireDashboard.Directory : "./mesh up gets it with npm")}");
            Console.WriteLine(lacking == 0 ? "Nothing is missing." : "./mesh up installs what it needs itself where apt-get and root or sudo are there.");
            return 0;
        });
        return command;
    }
}

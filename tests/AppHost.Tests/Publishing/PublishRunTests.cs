using System.Diagnostics;
using System.Text.Json;
using TalentSphere.AppHost.Kubernetes.Model;

namespace TalentSphere.AppHost.Tests.Publishing;

/// <summary>The real <c>AppHost.cs</c> as a process, told to publish.</summary>
public sealed class PublishRunTests : IDisposable
{
    private readonly string _output = Directory.CreateTempSubdirectory("publish-").FullName;

    public void Dispose() => Directory.Delete(_output, recursive: true);

    [Fact]
    public async Task The_same_model_gives_the_same_bytes()
    {
        (await RunAsync("k8s-manifests", Path.Combine(_output, "one"))).Code.ShouldBe(0);
        (await RunAsync("k8s-manifests", Path.Combine(_output, "two"))).Code.ShouldBe(0);
        var first = Files(Path.Combine(_output, "one"));
        first.Count.ShouldBeGreaterThan(100);
        Files(Path.Combine(_output, "two")).ShouldBe(first);
    }

    [Fact]
    public async Task The_picture_in_the_README_is_the_graph()
    {
        (await RunAsync("mesh-graph", _output)).Code.ShouldBe(0);
        var graph = await File.ReadAllTextAsync(Path.Combine(_output, "graph.mmd"), LocalRun.Cancelled);
        var readme = await File.ReadAllTextAsync(Path.Combine(SmallMesh.Root, "README.md"), LocalRun.Cancelled);
        readme.ShouldContain($"```mermaid\n{graph}```", Case.Sensitive, "put the output of ./mesh graph there");

        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_output, "graph.json"), LocalRun.Cancelled));
        json.RootElement.GetProperty("cycles").GetProperty("references").GetArrayLength().ShouldBe(0, "services that call each other in a circle cannot be told apart any more");
    }

    [Fact]
    public async Task A_step_that_there_is_not_is_told_in_one_sentence()
    {
        var (code, said) = await RunAsync("nonsense", _output);
        code.ShouldBe(1);
        said.ShouldBe("There is no step 'nonsense'; there are publish, k8s-manifests, compose-file, mesh-graph.\n");
    }

    [Fact]
    public async Task The_compose_file_is_written_with_what_it_names_alone_and_holds_no_value_of_a_secret()
    {
        const string place = "seccomp=";
        (await RunAsync("compose-file", _output)).Code.ShouldBe(0);
        var file = Path.Combine(_output, "compose", "compose.yaml");
        var text = await File.ReadAllTextAsync(file, LocalRun.Cancelled);
        var profile = text.Split('\n').Single(l => l.Contains(place, StringComparison.Ordinal)).Split(place)[1];
        Directory.EnumerateFiles(_output, "*", SearchOption.AllDirectories).ShouldBe([file, Path.GetFullPath(profile, Path.GetDirectoryName(file)!)], ignoreOrder: true);
        foreach (var line in text.Split('\n').Where(l => l.Contains("assword", StringComparison.Ordinal) && l.Contains(": ", StringComparison.Ordinal) && !l.TrimStart().StartsWith('#')))
            line.ShouldContain("${");
    }

    [Fact]
    public void Steps_run_after_what_they_depend_on_and_each_once()
    {
        var builder = SmallMesh.Builder("--step", "last");
        var ran = new List<string>();
        Task Note(string name)
        {
            ran.Add(name);
            return Task.CompletedTask;
        }
        builder.Pipeline.AddStep("last", _ => Note("last"), dependsOn: new[] { "first", "second" });
        builder.Pipeline.AddStep("second", _ => Note("second"), dependsOn: "first");
        builder.Pipeline.AddStep("first", _ => Note("first"));
        builder.Pipeline.AddStep("other", _ => Note("other"));
        builder.Build().RunAsync(LocalRun.Cancelled).IsCompletedSuccessfully.ShouldBeTrue();
        ran.ShouldBe(["first", "second", "last"]);
    }

    [Fact]
    public void The_contracts_name_every_service_that_has_a_queue()
    {
        var events = EventCatalogue.Load(Path.Combine(SmallMesh.Root, "Contracts", "schemas", "asyncapi.json"));
        events.Exchange.ShouldBe("talentsphere.events");
        events.QueueOf("gamification").ShouldNotBeNull().Name.ShouldBe("gamification.events");
    }

    private static List<(string Path, string Content)> Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => (Path.GetRelativePath(folder, f), File.ReadAllText(f)))];

    private static async Task<(int Code, string Errors)> RunAsync(string step, string output)
    {
        var appHost = Path.Combine(AppContext.BaseDirectory, "TalentSphere.AppHost.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [appHost, "--operation", "publish", "--step", step, "--output-path", output])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync(LocalRun.Cancelled);
        await process.StandardOutput.ReadToEndAsync(LocalRun.Cancelled);
        await process.WaitForExitAsync(LocalRun.Cancelled);
        return (process.ExitCode, await errors);
    }
}

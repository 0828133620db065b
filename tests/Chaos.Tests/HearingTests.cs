using System.Text.RegularExpressions;
using TalentSphere.Cli.Chaos;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Chaos.Tests;

public sealed partial class HearingTests
{
    [Fact]
    public void The_comparison_knows_who_hears_what()
    {
        var keys = Directory.EnumerateFiles(Path.Combine(MeshPaths.Root, "Contracts"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Topic().Matches(File.ReadAllText(file))).Where(m => m.Groups[2].Value != "UserErased")
            .ToDictionary(m => m.Groups[2].Value, m => m.Groups[1].Value);
        var heard =
            from directory in Directory.EnumerateDirectories(Path.Combine(MeshPaths.Root, "Services"))
            from file in Directory.EnumerateFiles(directory, "*.cs", SearchOption.AllDirectories)
            from Match consumer in Consumer().Matches(File.ReadAllText(file))
            where keys.ContainsKey(consumer.Groups[1].Value)
            select (keys[consumer.Groups[1].Value], Path.GetFileName(directory).ToLowerInvariant());

        heard.Distinct().Order().ShouldBe(Hearing.All.SelectMany(h => h.Value.Select(service => (h.Key, service))).Order());
    }

    [GeneratedRegex("""\[Topic\("([^"]+)"[^\]]*\)\]\s*public sealed record (\w+)""")]
    private static partial Regex Topic();

    [GeneratedRegex(@"IConsumer<(\w+)>")]
    private static partial Regex Consumer();
}

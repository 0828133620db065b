using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TalentSphere.Architecture.Tests;

/// <summary>Habits that a reviewer would otherwise have to look for.</summary>
public sealed partial class HabitTests
{
    private static readonly string[] _topLevel =
    [
        "AppHost", "ServiceDefaults", "Gateway", "Services", "Contracts", "tests", "k8s", "docs", ".ci", ".config",
        "TalentSphere.sln", "TalentSphere.Mesh.slnf", "README.md", "mesh", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", ".editorconfig",
        ".gitignore", "BannedSymbols.txt",
    ];

    [Fact]
    public void The_top_level_holds_what_it_is_meant_to_hold() =>
        Checkout.Kept().Select(f => f.Split('/')[0]).Distinct().Except(_topLevel).ShouldBeEmpty();

    [Fact]
    public void Every_project_is_in_the_solution_and_has_its_lock_file()
    {
        var solution = Checkout.Text("TalentSphere.sln").Replace('\\', '/');

        Checkout.Projects.ShouldAllBe(p => solution.Contains($"\"{p}\"", StringComparison.Ordinal));
        Checkout.Projects.ShouldAllBe(p => File.Exists(Path.Combine(Checkout.Root, Path.GetDirectoryName(p)!, "packages.lock.json")));
    }

    [Fact]
    public void Every_service_is_in_the_part_of_the_solution_that_a_mesh_is_built_from()
    {
        var filter = Checkout.Text("TalentSphere.Mesh.slnf").Replace('\\', '/');

        Checkout.Services.ShouldAllBe(s => filter.Contains($"\"Services/{s}/{s}.csproj\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Versions_are_exact_and_central()
    {
        var versions = XDocument.Parse(Checkout.Text("Directory.Packages.props")).Descendants().Where(e => e.Name.LocalName is "PackageVersion" or "GlobalPackageReference");

        versions.ShouldAllBe(v => ExactVersion().IsMatch((string)v.Attribute("Version")!));
        Checkout.Projects.SelectMany(p => XDocument.Parse(Checkout.Text(p)).Descendants("PackageReference")).ShouldAllBe(r => r.Attribute("Version") == null);
    }

    [Fact]
    public void No_package_is_listed_that_no_project_uses()
    {
        var used = Checkout.Projects.Append("tests/Directory.Build.props").SelectMany(p => XDocument.Parse(Checkout.Text(p)).Descendants("PackageReference"))
            .Select(r => (string?)r.Attribute("Include")).ToHashSet();
        var locked = Checkout.Files("packages.lock.json").Select(Checkout.Text).ToList();
        var unused = XDocument.Parse(Checkout.Text("Directory.Packages.props")).Descendants("PackageVersion").Select(v => (string)v.Attribute("Include")!)
            .Where(name => !used.Contains(name) && !locked.Exists(l => l.Contains($"\"{name}\"", StringComparison.OrdinalIgnoreCase)));

        unused.ShouldBeEmpty();
    }

    [Fact]
    public void Program_is_a_table_of_contents()
    {
        foreach (var program in Checkout.Files("Program.cs").Where(f => f.StartsWith("Services/", StringComparison.Ordinal) || f.StartsWith("Gateway/", StringComparison.Ordinal)))
            Checkout.Text(program).Split('\n').Length.ShouldBeLessThan(25, program);
    }

    [Fact]
    public void AppHost_reads_on_one_screen() => Checkout.Text("AppHost/AppHost.cs").Split('\n').Length.ShouldBeLessThanOrEqualTo(60);

    [Fact]
    public void Events_leave_through_the_outbox_only()
    {
        string[] places = ["Services/", "Gateway/", "ServiceDefaults/"];
        // What the gateway's replicas tell each other to forget is no event, and on an exchange of its own.
        const string purges = "Gateway/Edge/ResponseCaching/PurgeLink.cs";
        var found = Source().Where(l => places.Any(p => l.File.StartsWith(p, StringComparison.Ordinal)) && l.File != purges
            && !l.File.StartsWith("ServiceDefaults/Messaging/", StringComparison.Ordinal) && OutsideTheOutbox().IsMatch(l.Line)).Select(l => l.ToString());

        found.ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_left_unfinished_or_swallowed()
    {
        var found = Source().Where(l => Unfinished().IsMatch(l.Line) && !l.File.EndsWith("HabitTests.cs", StringComparison.Ordinal)).Select(l => l.ToString());

        found.ShouldBeEmpty();
    }

    [Fact]
    public void Sql_is_never_built_from_strings()
    {
        var found = Source().Where(l => !l.File.StartsWith("tests/", StringComparison.Ordinal) && SqlFromStrings().IsMatch(l.Line)).Select(l => l.ToString());

        found.ShouldBeEmpty();
    }

    [Fact]
    public void Checks_of_tokens_are_never_switched_off()
    {
        var found = Source().Where(l => SwitchedOff().IsMatch(l.Line) && !l.File.EndsWith("HabitTests.cs", StringComparison.Ordinal)).Select(l => l.ToString());

        found.ShouldBeEmpty();
    }

    [Fact]
    public void A_parameter_of_a_query_has_no_default_but_nothing()
    {
        // Generated binding hands over nothing for what is absent, whatever the signature says.
        var found = Source().Where(l => QueryDefault().IsMatch(l.Line) && !l.File.EndsWith("HabitTests.cs", StringComparison.Ordinal)).Select(l => l.ToString());

        found.ShouldBeEmpty();
        QueryDefault().IsMatch("[FromQuery] string order = \"day\")").ShouldBeTrue();
    }

    [Fact]
    public void The_tests_that_are_to_prove_the_security_standard_exist()
    {
        var proofs = Checkout.Text("docs/asvs.md").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .SelectMany(line => TestsOfProject().Matches(line.Split('|')[^2]))
            .SelectMany(m => TestName().Matches(m.Groups["names"].Value).Select(n => (Project: m.Groups["project"].Value, Name: n.Groups[1].Value))).ToList();
        proofs.Count.ShouldBeGreaterThan(30);
        var tests = proofs.Select(p => p.Project).Distinct().ToDictionary(
            project => project, project => string.Concat(Checkout.Files("*.cs", Path.Combine("tests", project)).Select(Checkout.Text)));

        proofs.Where(p => !tests[p.Project].Contains($" {p.Name}(", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Tests_do_not_skip_or_sleep()
    {
        // Whatever waits stands in a fixture and asks until it is so; a file with tests in it does not wait at all.
        var tests = Checkout.Files("*.cs", "tests").Where(f => !f.EndsWith("HabitTests.cs", StringComparison.Ordinal) && HoldsTests().IsMatch(Checkout.Text(f))).ToHashSet();
        var found = Source().Where(l => tests.Contains(l.File) && SkipsOrSleeps().IsMatch(l.Line)).Select(l => l.ToString());

        found.ShouldBeEmpty();
    }

    private static IEnumerable<SourceLine> Source() => Checkout.Files("*.cs").Where(f => !f.Contains("/Migrations/", StringComparison.Ordinal))
        .SelectMany(file => Checkout.Text(file).Split('\n').Select((line, i) => new SourceLine(file, i + 1, line)));

    private sealed record SourceLine(string File, int Number, string Line)
    {
        public override string ToString() => $"{File}:{Number}: {Line.Trim()}";
    }

    [GeneratedRegex(@"^\d+\.\d+\.\d+(\.\d+)?$")]
    private static partial Regex ExactVersion();

    [GeneratedRegex(@"\b(IPublishEndpoint|ISendEndpointProvider|IBus\b|BasicPublish|PublishAsync<)|context\.Publish\(|bus\.Publish\(", RegexOptions.ExplicitCapture)]
    private static partial Regex OutsideTheOutbox();

    [GeneratedRegex(@"NotImplementedException|\b(TODO|FIXME|HACK|XXX)\b|catch( *\([^)]*\))? *\{ *\}|catch *\{ *return", RegexOptions.ExplicitCapture)]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(FromSqlRaw|ExecuteSqlRaw(Async)?|SqlQueryRaw(<[^>]*>)?)\(\s*(\$|[a-z]\w*\s*\+)", RegexOptions.ExplicitCapture)]
    private static partial Regex SqlFromStrings();

    [GeneratedRegex(@"Validate(Audience|Issuer|Lifetime|IssuerSigningKey)\s*=\s*false|RequireSignedTokens\s*=\s*false", RegexOptions.ExplicitCapture)]
    private static partial Regex SwitchedOff();

    [GeneratedRegex(@"\[From(Query|Header)\b.*\] *[\w?<>]+ \w+ = (""|[1-9]|true\b)", RegexOptions.ExplicitCapture)]
    private static partial Regex QueryDefault();

    [GeneratedRegex(@"\[(Fact|Theory)\b", RegexOptions.ExplicitCapture)]
    private static partial Regex HoldsTests();

    [GeneratedRegex(@"Skip\s*=|Thread\.Sleep|Task\.Delay\(|Assert\.True\(true\)", RegexOptions.ExplicitCapture)]
    private static partial Regex SkipsOrSleeps();

    [GeneratedRegex(@"(?<project>\w+\.Tests): (?<names>(`\w+`,? ?)+)")]
    private static partial Regex TestsOfProject();

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex TestName();
}

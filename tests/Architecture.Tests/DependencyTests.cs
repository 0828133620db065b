using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TalentSphere.Architecture.Tests;

/// <summary>Who may know whom.</summary>
public sealed partial class DependencyTests
{
    private const string _contracts = "Contracts/Contracts.csproj";
    private const string _serviceDefaults = "ServiceDefaults/ServiceDefaults.csproj";

    public static TheoryData<string> Services => [.. Checkout.Services];

    [Fact]
    public void Contracts_references_nothing_not_even_a_package()
    {
        var project = XDocument.Parse(Checkout.Text(_contracts));

        project.Descendants("ProjectReference").ShouldBeEmpty();
        project.Descendants("PackageReference").ShouldBeEmpty();
        project.Descendants("FrameworkReference").ShouldBeEmpty();
    }

    [Fact]
    public void ServiceDefaults_references_the_contracts_alone() => Checkout.ReferencesOf(_serviceDefaults).ShouldBe([_contracts]);

    [Fact]
    public void ServiceDefaults_knows_no_domain_noun()
    {
        var found = Checkout.Files("*.cs", "ServiceDefaults")
            .SelectMany(file => Checkout.Text(file).Split('\n').Select((line, i) => (file, i, line)))
            // What PostgreSQL calls a notification is none of ours.
            .Select(l => l with { line = l.line.Replace("connection.Notification", "", StringComparison.Ordinal) })
            // Examples in comments may name things; code may not.
            .Where(l => !l.line.TrimStart().StartsWith("//", StringComparison.Ordinal) && DomainNoun().IsMatch(l.line))
            .Select(l => $"{l.file}:{l.i + 1}: {l.line.Trim()}");

        found.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_references_ServiceDefaults_and_Contracts_and_nothing_else(string service) =>
        Checkout.ReferencesOf($"Services/{service}/{service}.csproj").Order(StringComparer.Ordinal).ShouldBe([_contracts, _serviceDefaults]);

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_names_no_other_service(string service)
    {
        var others = Checkout.Services.Where(s => s != service).ToList();
        var found = Checkout.Files("*.cs", $"Services/{service}")
            .SelectMany(file => others.Where(o => Regex.IsMatch(Checkout.Text(file), $@"TalentSphere\.{o}\b")).Select(o => $"{file} names TalentSphere.{o}"));

        found.ShouldBeEmpty();
    }

    [Fact]
    public void The_gateway_references_ServiceDefaults_and_Contracts_and_nothing_else() =>
        Checkout.ReferencesOf("Gateway/Gateway.csproj").Order(StringComparer.Ordinal).ShouldBe([_contracts, _serviceDefaults]);

    [Fact]
    public void AppHost_names_projects_by_path_and_references_none() => Checkout.ReferencesOf("AppHost/AppHost.csproj").ShouldBeEmpty();

    [Fact]
    public void Every_project_named_by_AppHost_exists()
    {
        var named = ProjectPath().Matches(Checkout.Text("AppHost/AppHost.cs")).Select(m => m.Groups["path"].Value).ToList();

        named.Count.ShouldBe(Checkout.Services.Count + 1);
        named.ShouldAllBe(path => File.Exists(Path.Combine(Checkout.Root, "AppHost", path)));
    }

    [GeneratedRegex(@"\b(course|lesson|enrol+ment|certificate|challenge|submission|compan(y|ies)|jobs?|badge|leaderboard|notification|learner|employer|instructor)s?\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex DomainNoun();

    [GeneratedRegex("\"(?<path>\\.\\./[^\"]+\\.csproj)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex ProjectPath();
}

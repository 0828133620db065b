using System.Globalization;
using System.Text.RegularExpressions;

namespace TalentSphere.Kubernetes.Tests.Nodes;

/// <summary>The judge's AppArmor profile by AppArmor's own parser, which compiles it and loads nothing. Whether a kernel under it lets boxes be made is not tried here.</summary>
public sealed partial class AppArmorTests
{
    private const string _name = "talentsphere-boxes";

    [Fact]
    public async Task AppArmors_parser_understands_it()
    {
        if ((Checkout.Program("apparmor_parser") ?? new[] { "/usr/sbin/apparmor_parser", "/sbin/apparmor_parser" }.FirstOrDefault(File.Exists)) is not { } parser)
        {
            const string missing = "Not here: apparmor_parser (Debian's package apparmor). The judge's AppArmor profile was not checked by it.";
            if (Checkout.IsCi)
                Assert.Fail(missing);
            Assert.Skip(missing);
            return;
        }
        var profile = await File.ReadAllTextAsync(Path.Combine(Checkout.Manifests, "nodes", "apparmor", _name));
        var version = Version().Match((await Checkout.RunAsync(parser, "--version")).Output).Groups["major"].Value;
        if (int.Parse(version, CultureInfo.InvariantCulture) < 4)
        {
            // The rule came with AppArmor 4, as did the version of the language that the profile names; the rest is the same in both.
            foreach (var young in new[] { "abi <abi/4.0>,", "  userns,\n" })
            {
                profile.ShouldContain(young);
                profile = profile.Replace(young, "");
            }
            TestContext.Current.AddWarning("This AppArmor is older than 4: the profile was checked without its rule userns.");
        }

        var (exitCode, said) = await ParseAsync(parser, profile);
        exitCode.ShouldBe(0, said);
        (await ParseAsync(parser, profile.Replace("mount fstype=tmpfs,", "mount fstype=tmpfs"))).ExitCode.ShouldNotBe(0, "the parser takes everything");
        (await ParseAsync(parser, profile.Replace("pivot_root,", "pivotroot,"))).ExitCode.ShouldNotBe(0, "the parser takes everything");
    }

    [Fact]
    public async Task It_says_what_boxes_take_and_mounts_no_other_file_system()
    {
        var lines = (await File.ReadAllLinesAsync(Path.Combine(Checkout.Manifests, "nodes", "apparmor", _name))).Select(l => l.Trim()).ToList();
        foreach (var needed in new[] { "abi <abi/4.0>,", $"profile {_name} flags=(attach_disconnected, mediate_deleted) {{", "userns,", "umount,", "pivot_root," })
            lines.ShouldContain(needed);
        lines.Where(l => l.StartsWith("mount", StringComparison.Ordinal)).Select(l => FileSystem().Match(l).Groups["type"].Value).Where(t => t.Length > 0).ShouldBe(["tmpfs", "proc"]);
        lines.ShouldNotContain("mount,", "any file system");
        lines.ShouldNotContain(l => l.StartsWith("change_profile", StringComparison.Ordinal));
    }

    private static async Task<(int ExitCode, string Said)> ParseAsync(string parser, string profile)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, profile);
            var (exitCode, output, errors) = await Checkout.RunAsync(parser, "--skip-kernel-load", "--skip-cache", "--quiet", file);
            return (exitCode, output + errors);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex(@"version (?<major>\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Version();

    [GeneratedRegex(@"fstype=\(?(?<type>[^,) ]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex FileSystem();
}

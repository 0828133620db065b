using TalentSphere.AppHost.Kubernetes;
using YamlDotNet.Serialization;

namespace TalentSphere.AppHost.Tests.Publishing;

public sealed class ManifestWriterTests
{
    [Fact]
    public void Keys_stand_in_the_order_in_which_they_were_given_and_nothing_stands_for_what_is_null()
    {
        var map = new Map
        {
            ["kind"] = "Thing",
            ["apiVersion"] = "v1",
            ["absent"] = null,
            ["spec"] = new Map { ["replicas"] = 2, ["paused"] = false, ["none"] = new Map(), ["items"] = new[] { new Map { ["name"] = "a", ["port"] = 80 }, new Map { ["name"] = "b" } } },
        };
        ManifestWriter.Write([map]).ShouldBe("""
            kind: Thing
            apiVersion: v1
            spec:
              replicas: 2
              paused: false
              none: {}
              items:
              - name: a
                port: 80
              - name: b

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Documents_are_parted_and_every_line_ends_with_one_line_feed()
    {
        var text = ManifestWriter.Write([new Map { ["a"] = "1" }, new Map { ["b"] = "x" }]);
        text.ShouldBe("a: \"1\"\n---\nb: x\n");
    }

    [Theory]
    [InlineData("8080")]
    [InlineData("1.32")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("0440")]
    [InlineData("00:02:05")]
    [InlineData("2026-11-20")]
    [InlineData("true")]
    [InlineData("No")]
    [InlineData("on")]
    [InlineData("~")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData(" leading")]
    [InlineData("trailing ")]
    [InlineData("a: b")]
    [InlineData("a #b")]
    [InlineData("*star")]
    [InlineData("&anchor")]
    [InlineData("!tag")]
    [InlineData("{{ .password }}")]
    [InlineData("@at")]
    [InlineData("-c")]
    [InlineData("- c")]
    [InlineData("a\\b\"c'd")]
    [InlineData("^(a\\.b|c)$")]
    [InlineData("line\nand another\n")]
    [InlineData("line\n  indented\n\nafter a gap")]
    [InlineData("ends with space \nand goes on")]
    [InlineData("tab\there")]
    [InlineData("ghcr.io/talentsphere/lms:0.1.0")]
    [InlineData("512Mi")]
    [InlineData("12d")]
    [InlineData("ä—…")]
    public void Any_text_comes_back_as_the_text_it_was(string text)
    {
        var yaml = ManifestWriter.Write([new Map { ["value"] = text, ["list"] = new[] { text } }]);
        // Reads scalars by YAML's own rules: a plain 8080 would be a number here.
        var read = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<Dictionary<string, object>>(yaml);
        read["value"].ShouldBeOfType<string>(yaml).ShouldBe(text, yaml);
        ((List<object>)read["list"])[0].ShouldBe(text, yaml);
        yaml.ShouldNotContain("\r");
    }

    [Theory]
    [InlineData("apps/v1")]
    [InlineData("http://auth")]
    [InlineData("250m")]
    [InlineData("/health/startup")]
    [InlineData("in_memory")]
    public void Text_that_cannot_be_mistaken_has_no_quotes(string text) => ManifestWriter.Write([new Map { ["a"] = text }]).ShouldBe($"a: {text}\n");

    [Fact]
    public void A_file_says_first_that_it_is_generated()
    {
        var file = new ManifestFile("a/b.yaml", new Map { ["a"] = "b" }) { Why = "one\ntwo" };
        file.Render().ShouldBe($"# {ManifestFile.Mark}\n# one\n# two\na: b\n");
    }

    [Fact]
    public void Writing_again_changes_nothing_and_takes_away_only_what_is_generated()
    {
        var folder = Directory.CreateTempSubdirectory("manifests-").FullName;
        try
        {
            ManifestFile[] files = [new("base/a.yaml", new Map { ["a"] = "b" }), new("base/old/c.yaml", new Map { ["c"] = "d" })];
            ManifestOutput.Replace(folder, files).ShouldBe((2, 0));
            File.WriteAllText(Path.Combine(folder, "base", "by-hand.yaml"), "mine: true\n");
            ManifestOutput.Replace(folder, files).ShouldBe((0, 0));

            ManifestOutput.Replace(folder, [files[0]]).ShouldBe((0, 1));
            Directory.Exists(Path.Combine(folder, "base", "old")).ShouldBeFalse();
            File.Exists(Path.Combine(folder, "base", "by-hand.yaml")).ShouldBeTrue();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_folder_lists_its_files_and_the_folders_below_it()
    {
        ManifestFile[] files = [new("base/lms/service.yaml", new Map()), new("base/auth/service.yaml", new Map()), new("base/auth/patch.yaml", new Map()) { IsPart = true }];
        var kustomizations = Kustomizations.For(files).ToDictionary(f => f.Path, f => (List<string>)f.Documents[0]["resources"]!, StringComparer.Ordinal);
        kustomizations.Keys.ShouldBe(["base/kustomization.yaml", "base/auth/kustomization.yaml", "base/lms/kustomization.yaml"], ignoreOrder: true);
        kustomizations["base/kustomization.yaml"].ShouldBe(["auth", "lms"]);
        kustomizations["base/auth/kustomization.yaml"].ShouldBe(["service.yaml"]);
    }
}

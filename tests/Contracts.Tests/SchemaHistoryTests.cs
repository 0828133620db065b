using System.Diagnostics;
using TalentSphere.Schemas;

namespace TalentSphere.Contracts.Tests;

/// <summary>An incompatible change is refused however it is brought in: real repositories, with real commits.</summary>
public sealed class SchemaHistoryTests : IDisposable
{
    private const string _file = "shop.order.placed.json";
    private const string _first = """{"type":"object","properties":{"id":{"type":"string"},"note":{"type":["string","null"]}},"required":["id"]}""";
    private const string _grown =
        """{"type":"object","properties":{"id":{"type":"string"},"note":{"type":["string","null"]},"sum":{"type":["integer","null"]}},"required":["id"]}""";
    private const string _broken = """{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}""";

    private readonly string _checkout = Directory.CreateTempSubdirectory("talentsphere-schemas-").FullName;

    public SchemaHistoryTests()
    {
        Git(_checkout, "init", "--quiet", "--initial-branch=main");
        Commit("before there were schemas", null);
    }

    public void Dispose() => Directory.Delete(_checkout, recursive: true);

    [Fact]
    public void The_generator_writes_what_is_compatible_and_takes_away_nothing()
    {
        Write(_first);
        Write(_grown);

        SchemaSet.Read(_checkout)[_file].ShouldBe(_grown);
    }

    [Fact]
    public void The_generator_does_not_overwrite_what_stands_there_with_what_breaks_it()
    {
        Write(_first);

        Should.Throw<BrokenContractException>(() => Write(_broken)).Message.ShouldContain("delete those files");
        SchemaSet.Read(_checkout)[_file].ShouldBe(_first);
    }

    [Fact]
    public void A_file_that_was_deleted_first_is_still_promised_when_it_was_committed()
    {
        Commit("first", _first);
        File.Delete(Path.Combine(_checkout, SchemaSet.Folder, _file));

        Should.Throw<BrokenContractException>(() => Write(_broken)).Message.ShouldContain($"{_file}: note was removed");
        SchemaSet.Read(_checkout).ShouldBeEmpty("nothing was written");
    }

    [Fact]
    public void A_file_that_was_edited_by_hand_first_is_still_promised_when_it_was_committed()
    {
        Commit("first", _first);
        Place(_checkout, _broken);

        Should.Throw<BrokenContractException>(() => Write(_broken));
        Breaks(_broken).ShouldBe([$"{_file}: note was removed"]);
    }

    [Fact]
    public void Committing_what_is_broken_does_not_make_it_a_promise()
    {
        Commit("first", _first);
        Commit("broken, by hand", _broken);
        Commit("something else", _broken, alsoOther: true);

        Breaks(_broken).ShouldBe([$"{_file}: note was removed"]);
        Should.Throw<BrokenContractException>(() => Write(_broken));
    }

    [Fact]
    public void What_was_broken_can_be_put_right_again()
    {
        Commit("first", _first);
        Commit("broken, with an event of its own", _broken, alsoOther: true);
        Commit("right again", _first);

        Breaks(_first).ShouldBeEmpty();
        Breaks(_grown).ShouldBeEmpty();
        SchemaHistory.Of(_checkout).Promised.Keys.ShouldContain("shop.order.paid.json");
    }

    [Fact]
    public void What_was_added_once_is_promised_also_when_the_last_commit_lacks_it()
    {
        Commit("first", _first);
        Commit("grown", _grown);
        Commit("back again", _first);

        Breaks(_first).ShouldBe([$"{_file}: sum was removed"]);
    }

    [Fact]
    public void A_branch_may_change_what_the_main_line_does_not_have()
    {
        Git(_checkout, "checkout", "--quiet", "-b", "feature");
        Commit("first thoughts", _first);
        Commit("second thoughts", _broken);

        Breaks(_broken).ShouldBeEmpty();
        Git(_checkout, "checkout", "--quiet", "main");
        Git(_checkout, "merge", "--quiet", "--no-ff", "--no-edit", "feature");
        Breaks(_broken).ShouldBeEmpty();
        SchemaHistory.Of(_checkout).Promised[_file].ShouldBe(_broken);
        Breaks("{}").ShouldNotBeEmpty("now the main line has it");
    }

    [Fact]
    public void A_branch_is_held_against_the_main_line_however_often_it_commits()
    {
        Commit("first", _first);
        Git(_checkout, "checkout", "--quiet", "-b", "feature");
        Commit("broken", _broken);
        Commit("something else", _broken, alsoOther: true);

        Breaks(_broken).ShouldBe([$"{_file}: note was removed"]);
    }

    [Fact]
    public void Without_a_main_line_everything_that_led_here_counts()
    {
        Commit("first", _first);
        Git(_checkout, "checkout", "--quiet", "--detach");
        Git(_checkout, "branch", "--quiet", "-D", "main");
        Commit("broken", _broken);

        Breaks(_broken).ShouldBe([$"{_file}: note was removed"]);
    }

    [Fact]
    public void A_shallow_clone_says_that_it_is_one()
    {
        Commit("first", _first);
        Commit("grown", _grown);
        var clone = Path.Combine(_checkout, "clone");
        Git(_checkout, "clone", "--quiet", "--depth=1", new Uri(_checkout).AbsoluteUri, clone);

        var history = SchemaHistory.Of(clone);
        history.Notice.ShouldNotBeNull().ShouldStartWith("This is a shallow clone: only the last state");
        history.Promised[_file].ShouldBe(_grown);
        SchemaHistory.Of(_checkout).Notice.ShouldBeNull();
    }

    [Fact]
    public void Without_a_repository_that_is_said()
    {
        var exported = Directory.CreateTempSubdirectory("talentsphere-schemas-").FullName;
        try
        {
            SchemaHistory.Of(exported).Notice.ShouldNotBeNull().ShouldContain("held against no earlier ones");
        }
        finally
        {
            Directory.Delete(exported);
        }
    }

    private void Write(string schema) => SchemaSet.Write(_checkout, new Dictionary<string, string> { [_file] = schema }, SchemaHistory.Of(_checkout));

    private IReadOnlyList<string> Breaks(string schema) =>
        Compatibility.Breaks(SchemaHistory.Of(_checkout).Promised, new Dictionary<string, string> { [_file] = schema, ["shop.order.paid.json"] = "{}" });

    private void Commit(string message, string? schema, bool alsoOther = false)
    {
        if (schema is not null)
            Place(_checkout, schema);
        if (alsoOther)
            File.WriteAllText(Path.Combine(_checkout, SchemaSet.Folder, "shop.order.paid.json"), "{}");
        Git(_checkout, "add", "--all");
        Git(_checkout, "commit", "--quiet", "--allow-empty", "-m", message);
    }

    private static void Place(string checkout, string schema)
    {
        var folder = Directory.CreateDirectory(Path.Combine(checkout, SchemaSet.Folder)).FullName;
        File.WriteAllText(Path.Combine(folder, _file), schema);
    }

    private static void Git(string directory, params string[] arguments)
    {
        string[] settings = ["-c", "commit.gpgsign=false", "-c", "user.name=Test", "-c", "user.email=test@talentsphere.example"];
        var start = new ProcessStartInfo("git", ["-C", directory, .. settings, .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var name in (string[])["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"])
            start.Environment.Remove(name);
        using var git = Process.Start(start)!;
        var error = git.StandardError.ReadToEnd();
        git.WaitForExit();
        git.ExitCode.ShouldBe(0, $"git {string.Join(' ', arguments)}: {error}");
    }
}

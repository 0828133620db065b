using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.TestKit;
using static TalentSphere.Challenges.Tests.ChallengesFixture;

namespace TalentSphere.Challenges.Tests;

public class ImportTests(ChallengesFixture service)
{
    private const string _route = $"{Route}/import";

    [Theory]
    [InlineData("", false)]
    [InlineData("two-numbers/", true)]
    public async Task A_package_becomes_a_draft_with_its_tests_and_solutions(string folder, bool asForm)
    {
        var author = service.Instructor();
        var archive = PackageArchives.Zip(PackageArchives.Sum(), folder);
        var imported = asForm ? await FormAsync(author, archive) : await ImportAsync(author, archive, "?difficulty=hard");
        imported.Status.ShouldBe(HttpStatusCode.Created, imported.Body);
        var id = imported.Id;
        imported.Headers.Location!.ToString().ShouldBe($"{Route}/{id}");
        var challenge = imported.Data["challenge"]!;
        challenge["title"]!.GetValue<string>().ShouldBe("Two numbers");
        challenge["statement"]!.GetValue<string>().ShouldBe("Add **two** numbers.\n\n---\n\nAuthor: Ada \\*Sommer\\*  \nSource: Autumn contest  \nLicence: cc by\\-sa\n");
        challenge["statementHtml"]!.GetValue<string>().ShouldStartWith("<p>Add <strong>two</strong> numbers.</p>\n<hr>\n<p>Author: Ada *Sommer*<br>");
        challenge["difficulty"]!.GetValue<string>().ShouldBe(asForm ? "medium" : "hard");
        challenge["tags"]!.AsArray().Select(t => t!.GetValue<string>()).ShouldBe(["math", "warm-up"]);
        (challenge["timeLimitMs"]!.GetValue<int>(), challenge["memoryLimitKb"]!.GetValue<int>()).ShouldBe((1500, 512 * 1024));
        challenge["checker"]!.ToJsonString().ShouldBe("""{"kind":"tokens","ignoreCase":true}""");
        challenge["publishedAt"].ShouldBeNull();
        challenge["samples"]!.ToJsonString().ShouldBe("""[{"ordinal":1,"input":"1 2\n","expectedOutput":"3\n","explanation":"One and two."}]""");
        imported.Data["notes"]!.AsArray().ShouldBeEmpty();

        (await author.AskAsync($"{Route}/{id}/testcases")).Data.AsArray()
            .Select(t => (t!["ordinal"]!.GetValue<int>(), t["sample"]!.GetValue<bool>(), t["input"]!.GetValue<string>(), t["expectedOutput"]!.GetValue<string>()))
            .ShouldBe([(1, true, "1 2\n", "3\n"), (2, false, "40 2\n", "42\n"), (3, false, "5 6\n", "11\n")]);
        (await author.AskAsync($"{Route}/{id}/solutions")).Data.AsArray()
            .Select(s => (s!["name"]!.GetValue<string>(), s["language"]!.GetValue<string>(), s["expected"]!.GetValue<string>()))
            .ShouldBe(
            [
                ("accepted/sum.c", "c", "accepted"), ("accepted/sum.py", "python", "accepted"), ("run_time_error/divide.py", "python", "runtime-error"),
                ("time_limit_exceeded/loop.py", "python", "time-limit"), ("wrong_answer/three.py", "python", "wrong-answer"),
            ]);
        (await service.Anonymous().AskAsync($"{Route}/{id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await service.Instructor().AskAsync($"{Route}/{id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await author.PostAsync($"{Route}/{id}/publish")).Code.ShouldBe("CHALLENGE_UNCHECKED");
    }

    [Theory]
    [InlineData("", """{"kind":"tokens","ignoreCase":true}""")]
    [InlineData("validator_flags: case_sensitive", """{"kind":"tokens","ignoreCase":false}""")]
    [InlineData("validator_flags: space_change_sensitive case_sensitive", """{"kind":"exact","ignoreCase":false}""")]
    [InlineData("validator_flags: float_tolerance 1e-4", """{"kind":"float","absolute":0.0001,"relative":0.0001,"ignoreCase":true}""")]
    [InlineData("validator_flags: float_absolute_tolerance 0.5", """{"kind":"float","absolute":0.5,"relative":0,"ignoreCase":true}""")]
    [InlineData("validator_flags: 'float_relative_tolerance 1e-9 case_sensitive'", """{"kind":"float","absolute":0,"relative":1E-09,"ignoreCase":false}""")]
    public async Task The_default_validator_becomes_a_checker(string setting, string checker) =>
        (await ImportAsync(PackageArchives.With(setting))).Data["challenge"]!["checker"]!.ToJsonString().ShouldBe(checker);

    [Fact]
    public async Task A_validator_of_one_file_becomes_a_checker_program()
    {
        var files = PackageArchives.With("validation: custom");
        files["output_validators/check/check.py"] = "import sys\nsys.exit(42)\n";
        (await ImportAsync(files)).Data["challenge"]!["checker"]!.ToJsonString().ShouldBe("""{"kind":"program","ignoreCase":false,"language":"python","source":"import sys\nsys.exit(42)\n"}""");
    }

    [Fact]
    public async Task What_a_challenge_can_do_without_is_left_out_and_noted()
    {
        var files = PackageArchives.With("limits: { memory: 2048 }", "keywords: [graphs, 'a b', '§']");
        files["problem_statement/problem.sv.md"] = "Addera.";
        files["problem_statement/figure.png"] = "png";
        files["submissions/accepted/sum.hs"] = "main = interact id";
        files["submissions/accepted/two/one.py"] = "pass";
        files["submissions/partially_accepted/half.py"] = "pass";
        files["data/sample/2.in"] = new string('x', 20_000);
        files["data/sample/2.ans"] = "1";
        files["input_validators/v.py"] = "pass";
        files["generators/g.py"] = "pass";
        files["__MACOSX/problem.yaml"] = "litter";
        var imported = await ImportAsync(files);
        imported.Status.ShouldBe(HttpStatusCode.Created, imported.Body);
        imported.Data["challenge"]!["memoryLimitKb"]!.GetValue<int>().ShouldBe(1024 * 1024);
        imported.Data["challenge"]!["tags"]!.ToJsonString().ShouldBe("""["graphs","a-b"]""");
        imported.Data["challenge"]!["samples"]!.AsArray().Count.ShouldBe(1);
        var notes = string.Join('\n', imported.Data["notes"]!.AsArray().Select(n => n!.GetValue<string>()));
        foreach (var part in (string[])["2 statements", "problem_statement/problem.md", "1 other files", "no time limit", "1024 MiB", "Keywords", "1 samples longer", "3 submissions were left out", "accepted/sum.hs", "accepted/two/one.py"])
            notes.ShouldContain(part);
    }

    public static TheoryData<string, string, string> Faults => new()
    {
        { "problem.yaml", "[1, 2]", "problem.yaml" },
        { "problem.yaml", "name: [", "problem.yaml" },
        { "problem.yaml", "name: a\nname: b", "problem.yaml" },
        { "problem.yaml", "name: a\n---\nname: b", "problem.yaml" },
        { "problem.yaml", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\nname: bomb", "problem.yaml" },
        { "problem.yaml", "name: x\nz: " + new string('[', 30_000), "problem.yaml" },
        { "problem.yaml", "name: x\nz: " + new string('[', 30_000) + new string(']', 30_000), "problem.yaml" },
        { "problem.yaml", "name: " + new string('x', 70_000), "problem.yaml" },
        { "problem.yaml", "name: " + new string('x', 201), "problem.yaml" },
        { "problem.yaml", "name: \"a\\0b\"", "problem.yaml" },
        { "problem.yaml", "source: nameless", "problem.yaml" },
        { "problem.yaml", "name: x\nproblem_format_version: '2031-01'", "problem.yaml" },
        { "problem.yaml", "name: x\ntype: scoring", "problem.yaml" },
        { "problem.yaml", "name: x\nvalidation: custom interactive", "problem.yaml" },
        { "problem.yaml", "name: x\nvalidation: custom", "output_validators" },
        { "problem.yaml", "name: x\nvalidator_flags: be_kind", "problem.yaml" },
        { "problem.yaml", "name: x\nvalidator_flags: float_tolerance", "problem.yaml" },
        { "problem.yaml", "name: x\nvalidator_flags: float_tolerance NaN", "problem.yaml" },
        { "problem.yaml", "name: x\nvalidator_flags: float_tolerance -1", "problem.yaml" },
        { "problem.yaml", "name: x\nvalidator_flags: float_tolerance 1e-3 space_change_sensitive", "problem.yaml" },
        { "problem.yaml", "name: x\nlimits: { time_limit: 3600 }", "problem.yaml" },
        { "problem.yaml", "name: x\nlimits: { time_limit: soon }", "problem.yaml" },
        { "problem.yaml", "name: x\nlimits: { memory: 1 }", "problem.yaml" },
        { "problem.yaml", "name: x\nlimits: [1]", "problem.yaml" },
        { "problem_statement/problem.md", "", "problem_statement/problem.md" },
        { "problem_statement/problem.md", "a\0b", "problem_statement/problem.md" },
        { "problem_statement/problem.md", new string('ä', 33_000), "problem_statement/problem.md" },
        { "data/secret/lonely.in", "1 1\n", "data/secret/lonely.in" },
        { "data/secret/lonely.ans", "2\n", "data/secret/lonely.ans" },
        { "data/secret/long.in", new string('x', 300_000), "data/secret/long.in,data/secret/long.in" },
        { "data/sample/1.interaction", "<1\n>2\n", "data/sample/1.interaction" },
        { "data/secret/testdata.yaml", "output_validator_flags: case_sensitive", "data/secret/testdata.yaml" },
        { "submissions/accepted/empty.py", " ", "submissions/accepted/empty.py" },
        { "submissions/accepted/long.py", new string('#', 70_000), "submissions/accepted/long.py" },
        { "submissions/accepted/nul.py", "a\0", "submissions/accepted/nul.py" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_package_with_a_fault_is_refused_as_a_whole_and_the_file_is_named(string path, string text, string named)
    {
        var user = Guid.CreateVersion7();
        var files = PackageArchives.Sum(path, text);
        if (path == "data/secret/long.in")
            files["data/secret/long.ans"] = text;
        var refused = await ImportAsync(service.Instructor(user), PackageArchives.Zip(files));
        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, refused.Body);
        refused.Code.ShouldBe("PACKAGE_INVALID");
        refused.Fields.Select(f => f.Replace(".ans", ".in", StringComparison.Ordinal)).ShouldBe(named.Split(',').Select(f => f.Replace(".ans", ".in", StringComparison.Ordinal)), refused.Body);
        (await service.WithAsync<ChallengesDbContext, bool>(db => db.Challenges.AnyAsync(c => c.AuthorId == user))).ShouldBeFalse();
    }

    [Fact]
    public async Task TeX_is_told_apart_from_no_statement_at_all()
    {
        var files = PackageArchives.Sum("problem_statement/problem.md", null);
        (await ImportAsync(files)).Fields.ShouldBe(["problem_statement/problem.md"]);
        files["problem_statement/problem.en.tex"] = "\\problemname{Sum}";
        var refused = await ImportAsync(files);
        refused.Fields.ShouldBe(["problem_statement/problem.en.tex"]);
        refused.Body.ShouldContain("Markdown");
    }

    [Fact]
    public async Task Every_fault_is_named_at_once()
    {
        var files = PackageArchives.With("type: scoring", "limits: { memory: 1 }");
        files["data/secret/lonely.in"] = "1";
        files["submissions/accepted/empty.py"] = "";
        (await ImportAsync(files)).Fields.ShouldBe(["data/secret/lonely.in", "problem.yaml", "problem.yaml", "submissions/accepted/empty.py"]);
    }

    [Fact]
    public async Task More_files_for_a_validator_than_one_are_refused()
    {
        var files = PackageArchives.With("validation: custom");
        files["output_validators/check/check.cc"] = "#include \"validate.h\"";
        files["output_validators/check/validate.h"] = "";
        (await ImportAsync(files)).Fields.ShouldBe(["output_validators"]);
        files.Remove("output_validators/check/validate.h");
        files["problem.yaml"] += "validator_flags: fast\n";
        (await ImportAsync(files)).Fields.ShouldBe(["problem.yaml"]);
    }

    [Fact]
    public async Task More_tests_than_a_challenge_has_are_refused()
    {
        var files = PackageArchives.Sum();
        for (var i = 0; i < 100; i++)
            (files[$"data/secret/{i}.in"], files[$"data/secret/{i}.ans"]) = ("1 1\n", "2\n");
        (await ImportAsync(files)).Fields.ShouldBe(["data"]);
    }

    [Theory]
    [InlineData("../evil.in")]
    [InlineData("data/../../evil.in")]
    [InlineData("/etc/passwd")]
    [InlineData("data\\secret\\1.in")]
    [InlineData("C:/windows/x")]
    [InlineData("data//x.in")]
    [InlineData("data/./x.in")]
    [InlineData("data/\u0007x.in")]
    [InlineData("data/secret/A.in")]
    public async Task A_name_that_leads_elsewhere_or_is_there_twice_is_refused(string name)
    {
        var refused = await ImportAsync(service.Instructor(), PackageArchives.Zip(zip =>
        {
            foreach (var (path, text) in PackageArchives.Sum())
                PackageArchives.Add(zip, path, Encoding.UTF8.GetBytes(text));
            PackageArchives.Add(zip, name, "1"u8);
        }));
        refused.Code.ShouldBe("PACKAGE_INVALID", refused.Body);
        refused.Fields.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(0xA1FF)]
    [InlineData(0x21B6)]
    [InlineData(0x11B6)]
    public async Task Links_and_devices_are_refused(int mode)
    {
        var refused = await ImportAsync(service.Instructor(), PackageArchives.Zip(zip =>
        {
            foreach (var (path, text) in PackageArchives.Sum())
                PackageArchives.Add(zip, path, Encoding.UTF8.GetBytes(text));
            PackageArchives.Add(zip, "data/secret/z.in", "/etc/shadow"u8).ExternalAttributes = mode << 16;
        }));
        refused.Code.ShouldBe("PACKAGE_INVALID");
        refused.Fields.ShouldBe(["data/secret/z.in"]);
    }

    [Fact]
    public async Task A_zip_bomb_is_refused_before_it_is_unpacked()
    {
        var zeros = new byte[1024 * 1024];
        // 60 MiB of test data in some 60 KiB, each file within what a test may have.
        var many = PackageArchives.Zip(zip =>
        {
            foreach (var (path, text) in PackageArchives.Sum())
                PackageArchives.Add(zip, path, Encoding.UTF8.GetBytes(text));
            for (var i = 0; i < 90; i++)
            {
                PackageArchives.Add(zip, $"data/secret/x{i}.in", new string('0', 250_000).Select(c => (byte)c).ToArray());
                PackageArchives.Add(zip, $"data/secret/x{i}.ans", new string('0', 250_000).Select(c => (byte)c).ToArray());
            }
        });
        many.Length.ShouldBeLessThan(200_000);
        (await ImportAsync(service.Instructor(), many)).Code.ShouldBe("PACKAGE_INVALID");

        // One file of 500 MiB in half a megabyte: where it counts, and where nobody asks for it.
        byte[] Huge(string name) => PackageArchives.Zip(zip =>
        {
            foreach (var (path, text) in PackageArchives.Sum(name, null))
                PackageArchives.Add(zip, path, Encoding.UTF8.GetBytes(text));
            using var stream = zip.CreateEntry(name).Open();
            for (var i = 0; i < 500; i++)
                stream.Write(zeros);
        });
        (await ImportAsync(service.Instructor(), Huge("problem.yaml"))).Fields.ShouldBe(["problem.yaml"]);
        (await ImportAsync(service.Instructor(), Huge("data/secret/a.in"))).Fields.ShouldBe(["data/secret/a.in"]);
        (await ImportAsync(service.Instructor(), Huge("generators/zeros"))).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Too_many_entries_are_refused()
    {
        var archive = PackageArchives.Zip(zip =>
        {
            for (var i = 0; i < 20_000; i++)
                zip.CreateEntry($"f{i}");
        });
        (await ImportAsync(service.Instructor(), archive)).Fields.ShouldBe(["archive"]);
    }

    [Fact]
    public async Task What_is_no_archive_or_a_damaged_one_is_refused()
    {
        var author = service.Instructor();
        var good = PackageArchives.Zip(PackageArchives.Sum());
        (await ImportAsync(author, [])).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await ImportAsync(author, "PK and nothing else"u8.ToArray())).Fields.ShouldBe(["archive"]);
        (await ImportAsync(author, good[..(good.Length / 2)])).Fields.ShouldBe(["archive"]);
        var random = new Random(4711);
        for (var round = 0; round < 60; round++)
        {
            var damaged = good.ToArray();
            for (var i = 0; i < 8; i++)
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            ((int)(await ImportAsync(author, damaged)).Status).ShouldBeOneOf(201, 422);
        }
        var latin = PackageArchives.Zip(zip =>
        {
            foreach (var (path, text) in PackageArchives.Sum("problem_statement/problem.md", null))
                PackageArchives.Add(zip, path, Encoding.UTF8.GetBytes(text));
            PackageArchives.Add(zip, "problem_statement/problem.md", Encoding.Latin1.GetBytes("Zähle zusammen."));
        });
        var refused = await ImportAsync(author, latin);
        refused.Fields.ShouldBe(["problem_statement/problem.md"]);
        refused.Body.ShouldContain("UTF-8");
        (await ImportAsync(author, PackageArchives.Zip(PackageArchives.Sum("problem.yaml", null)))).Fields.ShouldBe(["problem.yaml"]);
        (await ImportAsync(author, PackageArchives.Zip(PackageArchives.Sum(), "a/b/"))).Fields.ShouldBe(["problem.yaml"]);
    }

    [Fact]
    public async Task A_package_has_ten_megabytes_at_most()
    {
        var author = service.Instructor();
        byte[] Padded(int size) => PackageArchives.Zip(zip =>
        {
            foreach (var (path, text) in PackageArchives.Sum())
                PackageArchives.Add(zip, path, Encoding.UTF8.GetBytes(text));
            PackageArchives.Add(zip, "problem_statement/noise.png", RandomNumberGenerator.GetBytes(size));
        });
        (await ImportAsync(author, Padded(9 * 1024 * 1024))).Status.ShouldBe(HttpStatusCode.Created);
        (await ImportAsync(author, Padded(10 * 1024 * 1024))).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await FormAsync(author, Padded(10 * 1024 * 1024))).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await ImportAsync(author, Padded(12 * 1024 * 1024))).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Only_authors_import_and_only_archives()
    {
        var good = PackageArchives.Zip(PackageArchives.Sum());
        (await ImportAsync(service.Anonymous(), good)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await ImportAsync(service.Learner(), good)).Status.ShouldBe(HttpStatusCode.Forbidden);
        var author = service.Instructor();
        (await author.PostAsync(_route, new { title = "x" })).Status.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await ImportAsync(author, good, "?difficulty=7")).Fields.ShouldBe(["difficulty"]);
        foreach (var form in (string[])["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x"])
        {
            var request = new HttpRequestMessage(HttpMethod.Post, _route) { Content = new ByteArrayContent("--y\r\nnonsense"u8.ToArray()) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", form);
            (await author.ReadAsync(request)).Status.ShouldBe(HttpStatusCode.BadRequest, form);
        }
        var fileless = new HttpRequestMessage(HttpMethod.Post, _route) { Content = new MultipartFormDataContent { { new StringContent("x"), "name" } } };
        (await author.ReadAsync(fileless)).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Twice_and_at_once_gives_as_many_drafts()
    {
        var user = Guid.CreateVersion7();
        var good = PackageArchives.Zip(PackageArchives.Sum());
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ImportAsync(service.Instructor(user), good)));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.Created || a.Status == HttpStatusCode.ServiceUnavailable);
        (await service.WithAsync<ChallengesDbContext, int>(db => db.Challenges.CountAsync(c => c.AuthorId == user))).ShouldBe(answers.Count(a => a.Status == HttpStatusCode.Created));
    }

    private Task<Answer> ImportAsync(Dictionary<string, string> files) => ImportAsync(service.Instructor(), PackageArchives.Zip(files));

    internal static Task<Answer> ImportAsync(HttpClient author, byte[] archive, string query = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _route + query) { Content = new ByteArrayContent(archive) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        return author.ReadAsync(request);
    }

    private static Task<Answer> FormAsync(HttpClient author, byte[] archive)
    {
        var file = new ByteArrayContent(archive);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        return author.ReadAsync(new HttpRequestMessage(HttpMethod.Post, _route) { Content = new MultipartFormDataContent { { new StringContent("x"), "note" }, { file, "package", "two-numbers.zip" } } });
    }
}

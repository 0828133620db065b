using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using TalentSphere.Judge.Jobs;
using TalentSphere.Judge.Languages;
using TalentSphere.Judge.Sandbox;
using TalentSphere.TestKit;

namespace TalentSphere.Judge.Tests;

/// <summary>What jobs are answered: programs in every language, bad input, callers that may not or go away.</summary>
public sealed class JobTests(JudgeFixture judge)
{
    public static TheoryData<string, string> Sums => new()
    {
        { "python", "print(sum(map(int, input().split())))" },
        { "javascript", "console.log(require('fs').readFileSync(0, 'utf8').trim().split(/\\s+/).map(Number).reduce((a, b) => a + b));" },
        { "c", "#include <stdio.h>\nint main(void) { long a, b; scanf(\"%ld%ld\", &a, &b); printf(\"%ld\\n\", a + b); }" },
        { "cpp", "#include <iostream>\nint main() { long a, b; std::cin >> a >> b; std::cout << a + b << '\\n'; }" },
        { "java", "import java.util.*; public class Main { record Two(int a, int b) {} public static void main(String[] x) { Scanner s = new Scanner(System.in); Two t = new Two(s.nextInt(), s.nextInt()); System.out.println(t.a() + t.b()); } }" },
        { "csharp", "Console.WriteLine(Console.ReadLine()!.Split().Select(int.Parse).Sum());" },
    };

    public static TheoryData<string, string> Broken => new()
    {
        { "c", "int main(void) { return x; }" },
        { "cpp", "int main() { return x; }" },
        { "java", "public class Main { int f() { return x; } }" },
        { "csharp", "return x;" },
    };

    [Theory]
    [MemberData(nameof(Sums))]
    public async Task A_program_is_judged_test_by_test_in_every_language(string language, string source)
    {
        var judged = await judge.JudgeAsync(JudgeFixture.Job(language, source, [("1 2\n", "3\n"), ("20 22\n", "42\n"), ("5 5\n", "11\n")], cpuMs: 3000));

        judged.Tests.Select(t => (string?)t["verdict"]).ShouldBe(["accepted", "accepted", "wrong-answer"], judged.ToString());
        judged.Verdict.ShouldBe("wrong-answer");
        judged.Tests.ShouldAllBe(t => (int)t["cpuMs"]! > 0 && (int)t["wallMs"]! > 0 && (int)t["memoryKb"]! > 100);
        ((string?)judged.Events[^1]["toolchain"]).ShouldNotBeNull().ShouldMatch(@"^\S+ \d+\.\d+");
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task What_does_not_compile_is_told_with_the_compilers_words(string language, string source)
    {
        var judged = await judge.JudgeAsync(language, source);

        judged.Verdict.ShouldBe("compile-error");
        judged.Messages.ShouldContain("x");
        judged.Messages.ShouldNotContain("/tmp/w/");
        judged.Tests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("python", "", "accepted")]
    [InlineData("javascript", "", "accepted")]
    [InlineData("c", "", "compile-error")]
    [InlineData("python", "print('a')\0", "wrong-answer|runtime-error")]
    [InlineData("c", "int main(void) { return 0; }\0\0", "accepted")]
    [InlineData("java", "\0\u0001\u0002", "compile-error")]
    [InlineData("csharp", "\uFFFD\u0000ÿ", "compile-error")]
    [InlineData("python", "\u007fELF\u0002\u0001", "runtime-error")]
    [InlineData("python", "print('a', end='')\r\n", "wrong-answer")]
    [InlineData("python", "def f():\r\n    return 1\r\nf()\r\n", "accepted")]
    public async Task Strange_sources_get_a_verdict(string language, string source, string verdict)
    {
        var judged = await judge.JudgeAsync(language, source, cpuMs: 3000);

        // Of a NUL, Pythons before 3.12 take no notice.
        verdict.Split('|').ShouldContain(judged.Verdict, judged.ToString());
    }

    [Theory]
    [InlineData("exit()")]
    [InlineData("quit(0)")]
    [InlineData("import sys; sys.exit()")]
    [InlineData("assert __name__ == '__main__'; raise SystemExit")]
    public async Task A_python_program_may_end_itself(string end) =>
        (await judge.JudgeAsync("python", $"print(3)\n{end}\nprint('not reached')", expected: "3")).Verdict.ShouldBe("accepted");

    [Fact]
    public async Task A_source_of_a_megabyte_is_judged()
    {
        var judged = await judge.JudgeAsync("python", "print(1)\n" + new string('#', (1 << 20) - 9), expected: "1");

        judged.Verdict.ShouldBe("accepted", judged.ToString());
    }

    [Theory]
    [InlineData("1\\n2\\n", "1\n2\n", "accepted")]
    [InlineData("1\\r\\n2\\r\\n", "1\n2\n", "accepted")]
    [InlineData("1\\n2", "1\r\n2\r\n", "accepted")]
    [InlineData("\\xff\\xfe", "a", "wrong-answer")]
    [InlineData("\\x00", "", "wrong-answer")]
    [InlineData("\\xc3\\xa4\\n", "ä", "accepted")]
    public async Task Strange_outputs_get_a_verdict(string written, string expected, string verdict)
    {
        var judged = await judge.JudgeAsync("python", $"import os\nos.write(1, b'{written}')", expected: expected);

        judged.Verdict.ShouldBe(verdict, judged.ToString());
    }

    [Fact]
    public async Task Line_ends_of_the_input_reach_the_program_as_they_are()
    {
        var judged = await judge.JudgeAsync("python", "import sys\nprint(repr(sys.stdin.buffer.read()))", "a\r\nb\0ä", "b'a\\r\\nb\\x00\\xc3\\xa4'");

        judged.Verdict.ShouldBe("accepted", judged.ToString());
    }

    [Fact]
    public async Task The_tests_after_a_failure_are_left_out_where_that_was_asked()
    {
        using var client = judge.Caller();
        var job = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(JudgeFixture.Job("python", "print(1)", [("", "1"), ("", "2"), ("", "1")])))!;
        job["stopAtFirstFailure"] = true;
        var judged = await judge.JudgeAsync(job);

        judged.Tests.Count.ShouldBe(2);
        judged.Verdict.ShouldBe("wrong-answer");
    }

    [Fact]
    public async Task Output_is_told_only_where_that_was_asked_and_expected_output_never()
    {
        var job = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(JudgeFixture.Job("python", "print('mine' + '-own')", [("secret-input", "secret-expectation")])))!;
        job["captureOutput"] = false;
        var judged = (await judge.JudgeAsync(job)).ToString();

        judged.ShouldNotContain("mine-own");
        judged.ShouldNotContain("secret");
    }

    [Fact]
    public async Task Expected_output_cannot_be_found_from_inside()
    {
        const string source =
            """
            import os
            mark = "EXPECTED" + "-MARK"
            found = []
            for folder, _, files in [w for top in ("/w", "/tmp", "/dev", "/etc", "/proc/self", "/proc/1") for w in os.walk(top)]:
                for name in files:
                    path = os.path.join(folder, name)
                    if name in ("kmsg", "main.py") or path.startswith(("/dev/", "/proc/self/fd", "/proc/1/fd")) : continue
                    try: text = os.read(os.open(path, os.O_RDONLY | os.O_NONBLOCK), 1 << 20)
                    except OSError: continue
                    if mark.encode() in text: found.append(path)
            print(found or "nothing")
            """;
        var judged = await judge.JudgeAsync("python", source, expected: "EXPECTED-MARK");

        judged.Verdict.ShouldBe("wrong-answer");
        judged.Output.Trim().ShouldBe("nothing");
    }

    [Theory]
    [InlineData("{}", 422)]
    [InlineData("{", 400)]
    [InlineData("[]", 422)]
    [InlineData("""{"language":"cobol","source":"x","limits":{},"checker":{"kind":"exact"},"tests":[{"ordinal":1,"input":"","expectedOutput":""}]}""", 422)]
    [InlineData("""{"language":"python","source":"x","limits":{},"checker":{"kind":"exact"},"tests":[]}""", 422)]
    [InlineData("""{"language":"python","source":"x","limits":{"cpuMs":0},"checker":{"kind":"exact"},"tests":[{"ordinal":1,"input":"","expectedOutput":""}]}""", 422)]
    [InlineData("""{"language":"python","source":"x","limits":{"memoryKb":1},"checker":{"kind":"exact"},"tests":[{"ordinal":1,"input":"","expectedOutput":""}]}""", 422)]
    [InlineData("""{"language":"python","source":"x","limits":{},"checker":{"kind":"guess"},"tests":[{"ordinal":1,"input":"","expectedOutput":""}]}""", 422)]
    [InlineData("""{"language":"python","source":"x","limits":{},"checker":{"kind":"program"},"tests":[{"ordinal":1,"input":"","expectedOutput":""}]}""", 422)]
    [InlineData("""{"language":"python","source":"x","limits":{},"checker":{"kind":"program","language":"cobol","source":"x"},"tests":[{"ordinal":1,"input":"","expectedOutput":""}]}""", 422)]
    [InlineData("""{"language":"python","source":"x","limits":{},"checker":{"kind":"exact"},"tests":[{"ordinal":1,"input":"","expectedOutput":""},{"ordinal":1,"input":"","expectedOutput":""}]}""", 422)]
    public async Task A_job_that_is_none_is_refused(string body, int status)
    {
        using var client = judge.Caller();
        using var response = await client.PostAsync("/judge/jobs", new StringContent(body, Encoding.UTF8, "application/json"));

        ((int)response.StatusCode).ShouldBe(status, await response.Content.ReadAsStringAsync());
        (await response.Content.ReadAsStringAsync()).ShouldContain("\"success\":false");
    }

    [Theory]
    [InlineData("")]
    [InlineData("wrong")]
    [InlineData(JudgeFixture.Key + "x")]
    public async Task Only_those_who_know_the_key_are_answered(string key)
    {
        using var client = judge.CreateClient();
        if (key.Length > 0)
            client.DefaultRequestHeaders.Add("Authorization", "Bearer " + key);

        using var list = await client.GetAsync("/judge/languages");
        using var post = await client.PostAsJsonAsync("/judge/jobs", JudgeFixture.Job("python", "", [("", "")]));

        list.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        post.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        list.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
    }

    [Fact]
    public async Task The_worker_tells_what_it_can_and_is_ready()
    {
        using var client = judge.Caller();

        var told = JsonNode.Parse(await client.GetStringAsync("/judge/languages"))!;

        ((bool)told["mayJudge"]!).ShouldBeTrue();
        ((int)told["slots"]!).ShouldBe(judge.Slots.Count);
        told["languages"]!.AsArray().Select(l => (string?)l!["id"]).ShouldBe(["python", "javascript", "c", "cpp", "java", "csharp"]);
        told["languages"]!.AsArray().ShouldAllBe(l => (bool)l!["available"]! && (string?)l["version"] != null);
        (await client.GetAsync("/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_language_whose_toolchain_is_missing_is_listed_as_unavailable()
    {
        var language = Python.Language with { Programs = new Dictionary<string, IReadOnlyList<string>> { ["python"] = ["/usr/bin/no-such-python"] } };
        using var slots = new Slots(BoxMachine.Find(), CgroupTree.Create(CgroupMounts.OfThisProcess()), 1, 61000);

        var toolchain = (await LanguageCatalogue.FindAsync([language], slots, TestContext.Current.CancellationToken))[0];

        toolchain.IsAvailable.ShouldBeFalse();
        toolchain.Reason.ShouldBe("python is not installed (apt-get install python3)");
    }

    [Fact]
    public void The_first_verdict_that_fits_is_taken()
    {
        static string Verdict(BoxOutcome outcome) => JudgeProgram.Judge(outcome, Java.Language).Verdict;

        Verdict(new() { OutOfMemory = true, ExitCode = 0, Breach = Breach.Output }).ShouldBe("memory-limit");
        Verdict(new() { Breach = Breach.Output }).ShouldBe("output-limit");
        Verdict(new() { ExitCode = 153 }).ShouldBe("output-limit");
        Verdict(new() { Breach = Breach.Cpu, ExitCode = 1 }).ShouldBe("time-limit");
        Verdict(new() { Breach = Breach.Wall }).ShouldBe("time-limit");
        Verdict(new() { ExitCode = 152 }).ShouldBe("time-limit");
        Verdict(new()).ShouldBe("internal-error");
        Verdict(new() { ExitCode = 1, Errors = Encoding.UTF8.GetBytes("Exception in thread \"main\" java.lang.OutOfMemoryError") }).ShouldBe("memory-limit");
        Verdict(new() { ExitCode = 139 }).ShouldBe("runtime-error");
        Verdict(new() { ExitCode = 1 }).ShouldBe("runtime-error");
        Verdict(new() { ExitCode = 0 }).ShouldBe("accepted");
    }
}

/// <summary>What happens when every slot is busy, or nobody waits any more. Alone, for it takes all slots.</summary>
[Collection(nameof(AttackTests))]
public sealed class SlotTests(JudgeFixture judge)
{
    [Fact]
    public async Task A_busy_worker_says_so_and_whoever_hangs_up_ends_the_box()
    {
        using var client = judge.Caller();
        var hangUps = new List<CancellationTokenSource>();
        var waiting = new List<Task>();
        for (var i = 0; i < judge.Slots.Count; i++)
        {
            var hangUp = new CancellationTokenSource();
            hangUps.Add(hangUp);
            waiting.Add(client.PostAsJsonAsync("/judge/jobs", JudgeFixture.Job("python", "import time\ntime.sleep(600)", [("", "")], cpuMs: 60_000), hangUp.Token));
        }
        await Eventually.TrueAsync(() => judge.Slots.OpenGroups.Any(), "boxes to run");
        HttpResponseMessage? busy = null;
        await Eventually.TrueAsync(
            async () => (busy = await client.PostAsJsonAsync("/judge/jobs", JudgeFixture.Job("python", "", [("", "")]))).StatusCode == HttpStatusCode.ServiceUnavailable, "the worker to be busy");

        (await busy!.Content.ReadAsStringAsync()).ShouldContain("JUDGE_NO_SLOT");
        busy.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));

        hangUps.ForEach(h => h.Cancel());
        await Task.WhenAll(waiting.Select(w => Should.ThrowAsync<OperationCanceledException>(w)));
        await Eventually.TrueAsync(() => judge.Remains().Count == 0, "the boxes to be gone");
        (await judge.JudgeAsync("python", "print('again')", expected: "again")).Verdict.ShouldBe("accepted");
        busy.Dispose();
        hangUps.ForEach(h => h.Dispose());
    }
}

using System.Text;
using TalentSphere.Judge.Checking;
using TalentSphere.Judge.Jobs;

namespace TalentSphere.Judge.Tests;

/// <summary>When an output is right.</summary>
public sealed class CheckerTests(JudgeFixture judge)
{
    [Theory]
    [InlineData("1\n2\n", "1\n2\n", true)]
    [InlineData("1\n2\n", "1\n2", true)]
    [InlineData("1\n2", "1\r\n2\r\n", true)]
    [InlineData("1\n2\n", "1\n2\n\n", true)]
    [InlineData("", "", true)]
    [InlineData("", "\n", true)]
    [InlineData("1\n2\n", "1 \n2\n", false)]
    [InlineData("1\n2\n", "1\n\n2\n", false)]
    [InlineData("1\n2\n", "2\n1\n", false)]
    [InlineData("1\n2\n", "1\n", false)]
    [InlineData("1\n", "1\n2", false)]
    public void Exact_is_line_by_line(string expected, string output, bool right) => Accepts(CheckerKind.Exact, expected, output).ShouldBe(right);

    [Theory]
    [InlineData("1 2\n3\n", "1\t2 3", true)]
    [InlineData("a b", "  a\r\n\r\nb  ", true)]
    [InlineData("a b", "ab", false)]
    [InlineData("a b", "a b c", false)]
    [InlineData("a b", "a", false)]
    [InlineData("1.0", "1.00", false)]
    [InlineData("", " \n", true)]
    public void Tokens_are_word_by_word(string expected, string output, bool right) => Accepts(CheckerKind.Tokens, expected, output).ShouldBe(right);

    [Theory]
    [InlineData("1.0", "1.0000009", true)]
    [InlineData("1.0", "1.00001", false)]
    [InlineData("1000000", "1000000.9", true)]
    [InlineData("1000000", "1000002", false)]
    [InlineData("0", "-1e-7", true)]
    [InlineData("x 1", "x 1.0", true)]
    [InlineData("x 1", "y 1", false)]
    [InlineData("1", "nan", false)]
    [InlineData("nan", "nan", true)]
    [InlineData("1e308", "inf", false)]
    [InlineData("1e308", "1e999", false)]
    [InlineData("1", "1,0", false)]
    [InlineData("1 2", "1", false)]
    public void Numbers_may_differ_by_a_tolerance(string expected, string output, bool right) => Accepts(CheckerKind.Float, expected, output).ShouldBe(right);

    [Theory]
    [InlineData("a\nb\na\n", "a\na\nb", true)]
    [InlineData("a\nb\na\n", "a\nb\nb", false)]
    [InlineData("a\nb\n", "b\r\na\r\n", true)]
    [InlineData("a\nb\n", "a\nb\nc\n", false)]
    [InlineData("a\nb\n", "a\n", false)]
    public void Unordered_lines_are_the_same_lines(string expected, string output, bool right) => Accepts(CheckerKind.UnorderedLines, expected, output).ShouldBe(right);

    [Theory]
    [InlineData("10", "accepted")]
    [InlineData("100", "accepted")]
    [InlineData("7", "wrong-answer")]
    [InlineData("crash", "internal-error")]
    public async Task A_checker_program_decides(string answer, string verdict)
    {
        const string program =
            """
            import sys
            asked, expected = open(sys.argv[1]).read().strip(), open(sys.argv[2]).read().strip()
            given = sys.stdin.read().strip()
            if asked != "a multiple of" or given == "crash": raise SystemExit(1)
            open(sys.argv[3] + "notes.txt", "w").write("seen")
            raise SystemExit(42 if int(given) % int(expected) == 0 else 43)
            """;
        var judged = await judge.JudgeAsync(JudgeFixture.Job(
            "python", $"print('{answer}')", [("a multiple of", "10")], checker: new { kind = "program", language = "python", source = program }));

        judged.Verdict.ShouldBe(verdict, judged.ToString());
    }

    [Fact]
    public async Task A_checker_program_is_compiled_once_and_boxed_too()
    {
        const string program =
            """
            #include <stdio.h>
            #include <stdlib.h>
            int main(int argc, char **argv) {
                if (fopen("/etc/passwd", "r") || getenv("JUDGE_TEST_SECRET")) return 1;
                char expected[99], given[99];
                FILE *f = fopen(argv[2], "r");
                if (!f || fscanf(f, "%98s", expected) != 1) return 1;
                if (scanf("%98s", given) != 1) return 43;
                return atoi(expected) == atoi(given) ? 42 : 43;
            }
            """;
        var judged = await judge.JudgeAsync(JudgeFixture.Job(
            "python", "print('0' + input())", [("1", "1"), ("2", "2"), ("3", "4")], checker: new { kind = "program", language = "c", source = program }));

        judged.Tests.Select(t => (string?)t["verdict"]).ShouldBe(["accepted", "accepted", "wrong-answer"], judged.ToString());
    }

    private static bool Accepts(CheckerKind kind, string expected, string output) =>
        TextChecker.Accepts(new JobChecker { Kind = kind }, Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(output));
}

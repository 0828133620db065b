using System.Globalization;
using System.Text;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Judging;
using TalentSphere.Challenges.Solutions;
using TalentSphere.Challenges.Submissions;
using TalentSphere.Challenges.TestCases;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Import;

/// <summary>
/// Reads problem packages of the Kattis and ICPC layout (problem package format, version <c>legacy</c>): <c>problem.yaml</c>,
/// <c>problem_statement</c>, <c>data/sample</c>, <c>data/secret</c>, <c>submissions</c>, <c>output_validators</c>. What a challenge cannot be
/// without, or would be another one without, is a fault; what it can do without is left out and noted.
/// </summary>
internal sealed class PackageReader
{
    private const int _maxFaults = 50;
    private const int _defaultTimeLimitMs = 2_000;
    private const int _defaultMemoryLimitKb = 256 * 1024;

    private const NumberStyles _plainNumber = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowLeadingSign;

    private static readonly Dictionary<string, string> _expectations = new(StringComparer.Ordinal)
    {
        ["accepted"] = Verdicts.Accepted,
        ["wrong_answer"] = Verdicts.WrongAnswer,
        ["time_limit_exceeded"] = Verdicts.TimeLimit,
        ["run_time_error"] = Verdicts.RuntimeError,
        ["memory_limit_exceeded"] = Verdicts.MemoryLimit,
        ["output_limit_exceeded"] = Verdicts.OutputLimit,
        ["compile_error"] = Verdicts.CompileError,
        ["compiler_error"] = Verdicts.CompileError,
    };

    private readonly PackageArchive _archive;
    private readonly IReadOnlyDictionary<string, object> _settings;
    private readonly Guid _challengeId;
    private readonly List<FailureDetail> _faults = [];
    private readonly List<string> _notes = [];

    private PackageReader(PackageArchive archive, Guid challengeId)
    {
        (_archive, _challengeId) = (archive, challengeId);
        _settings = PackageYaml.Read("problem.yaml", archive.Text("problem.yaml", PackageYaml.MaxBytes));
    }

    /// <summary>Reads a package as a whole, or not at all.</summary>
    /// <param name="bytes">The zip archive.</param>
    /// <param name="challengeId">What the tests and solutions are to belong to.</param>
    /// <exception cref="PackageException">It cannot be imported; names every fault that was found.</exception>
    public static ProblemPackage Read(byte[] bytes, Guid challengeId)
    {
        using var archive = PackageArchive.Open(bytes);
        return new PackageReader(archive, challengeId).Read();
    }

    private ProblemPackage Read()
    {
        RefuseOtherKinds();
        var title = Try(Title, "");
        var statement = Try(Statement, "");
        var package = new ProblemPackage(
            title, statement, Try(Tags, []), Try(TimeLimitMs, 0), Try(MemoryLimitKb, 0), Try(Checker, CheckerSpec.Default), Try(Tests, []),
            Try(Solutions, []), _notes);
        return _faults.Count == 0 ? package : throw new PackageException([.. _faults.Distinct().Take(_maxFaults)]);
    }

    private T Try<T>(Func<T> read, T instead)
    {
        try
        {
            return read();
        }
        catch (PackageException e)
        {
            _faults.AddRange(e.Faults);
            return instead;
        }
    }

    private void Fault(string file, string message) => _faults.Add(new(file, message));

    private string? Setting(string name) => _settings.GetValueOrDefault(name) switch
    {
        null => null,
        string text => text.Trim() is { Length: > 0 } trimmed ? trimmed : null,
        _ => throw new PackageException("problem.yaml", $"{name} must be text"),
    };

    private void RefuseOtherKinds()
    {
        if (Try(() => Setting("problem_format_version"), null) is { } version && version is not ("legacy" or "legacy-icpc" or "icpc"))
            Fault("problem.yaml", $"problem_format_version {Short(version)} is not read here: legacy is");
        if (_settings.GetValueOrDefault("type") is { } type && type is not "pass-fail")
            Fault("problem.yaml", "type must be pass-fail: a solution is right or wrong here, without a score");
        if (Try(() => Setting("validation"), null) is { } validation && validation is not ("default" or "custom"))
            Fault("problem.yaml", $"validation {Short(validation)} is not read here: default and custom are, without interaction and scores");
        if (_archive.Paths.FirstOrDefault(p => p.EndsWith(".interaction", StringComparison.Ordinal)) is { } interaction)
            Fault(interaction, "belongs to an interactive problem, which a challenge cannot be");
    }

    private string Title()
    {
        var name = _settings.GetValueOrDefault("name") switch
        {
            string text => text,
            IReadOnlyDictionary<string, object> names => (names.GetValueOrDefault("en") ?? names.Values.FirstOrDefault()) as string,
            _ => null,
        };
        name = name?.Trim();
        if (string.IsNullOrEmpty(name))
            throw new PackageException("problem.yaml", "name is required");
        return name.Length <= ChallengeRequest.MaxTitle
            ? name
            : throw new PackageException("problem.yaml", $"name must have at most {ChallengeRequest.MaxTitle} characters");
    }

    private string Statement()
    {
        var files = _archive.Under("problem_statement").Where(p => p.Count(c => c == '/') == 1).ToList();
        var texts = files.FindAll(p => Path.GetFileName(p).StartsWith("problem.", StringComparison.Ordinal) && p.EndsWith(".md", StringComparison.Ordinal));
        if (texts.Count == 0)
        {
            var tex = files.Find(p => p.EndsWith(".tex", StringComparison.Ordinal));
            throw tex is not null
                ? new PackageException(tex, "is TeX, which is not read here: write the statement in Markdown, as problem_statement/problem.md")
                : new PackageException("problem_statement/problem.md", "is missing: a package needs its statement in Markdown");
        }
        var chosen = texts.Find(p => Path.GetFileName(p) == "problem.en.md") ?? texts.Find(p => Path.GetFileName(p) == "problem.md") ?? texts[0];
        if (texts.Count > 1)
            _notes.Add($"Of {texts.Count} statements the one in {chosen} was taken.");
        var others = _archive.Under("problem_statement").Count(p => !texts.Contains(p) && !p.EndsWith(".tex", StringComparison.Ordinal));
        if (others > 0)
            _notes.Add($"{others} other files of problem_statement, such as pictures, were left out.");
        var text = _archive.Text(chosen, ChallengeRequest.MaxStatement);
        if (string.IsNullOrWhiteSpace(text))
            throw new PackageException(chosen, "is empty");
        var whole = text.TrimEnd() + "\n" + Attribution();
        return Encoding.UTF8.GetByteCount(whole) <= ChallengeRequest.MaxStatement
            ? whole
            : throw new PackageException(chosen, $"is longer than {ChallengeRequest.MaxStatement} bytes");
    }

    /// <summary>Where it comes from, which licences ask to be told.</summary>
    private string Attribution()
    {
        var parts = new List<string>();
        (string Name, string Label)[] told =
            [("author", "Author"), ("source", "Source"), ("source_url", "Source"), ("license", "Licence"), ("rights_owner", "Rights")];
        foreach (var (name, label) in told)
        {
            var value = _settings.GetValueOrDefault(name) as string;
            if (!string.IsNullOrWhiteSpace(value) && value.Trim() is not "unknown")
                parts.Add($"{label}: {Plain(value.Trim())}");
        }
        return parts.Count == 0 ? "" : $"\n---\n\n{string.Join("  \n", parts)}\n";

        // No Markdown in it: it is one line of names.
        static string Plain(string text) =>
            string.Concat(text.ReplaceLineEndings(" ").Select(c => "\\`*_{}[]<>()#+-!|~$".Contains(c) ? $"\\{c}" : c.ToString()));
    }

    private List<string> Tags()
    {
        var words = _settings.GetValueOrDefault("keywords") switch
        {
            string text => text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries),
            List<object> list => [.. list.OfType<string>()],
            _ => [],
        };
        List<string> tags = [.. words.Select(w => w.Trim().ToLowerInvariant().Replace(' ', '-')).Distinct()];
        var fit = tags.FindAll(t => t.Length is > 0 and <= ChallengeRequest.MaxTag && t.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
        if (fit.Count < tags.Count || fit.Count > ChallengeRequest.MaxTags)
            _notes.Add($"Keywords that make no tags were left out: a challenge has at most {ChallengeRequest.MaxTags} of letters, digits and hyphens.");
        return [.. fit.Take(ChallengeRequest.MaxTags)];
    }

    private int TimeLimitMs()
    {
        var (file, text) = ("problem.yaml", Limit("time_limit"));
        if (text is null && _archive.Has(".timelimit"))
            (file, text) = (".timelimit", _archive.Text(".timelimit", 100).Trim());
        if (text is null && _archive.Has("domjudge-problem.ini"))
        {
            var line = _archive.Text("domjudge-problem.ini", PackageYaml.MaxBytes).Split('\n').Select(l => l.Trim())
                .FirstOrDefault(l => l.StartsWith("timelimit", StringComparison.Ordinal));
            (file, text) = ("domjudge-problem.ini", line?.Split('=', 2).ElementAtOrDefault(1)?.Trim(' ', '\'', '"'));
        }
        if (text is null)
        {
            _notes.Add($"The package names no time limit: it is {_defaultTimeLimitMs} ms.");
            return _defaultTimeLimitMs;
        }
        var milliseconds = Number(file, "the time limit", text) * 1000;
        return milliseconds is >= 100 and <= 10_000
            ? (int)Math.Round(milliseconds)
            : throw new PackageException(file, "the time limit must be 0.1 to 10 seconds");
    }

    private int MemoryLimitKb()
    {
        if (Limit("memory") is not { } text)
            return _defaultMemoryLimitKb;
        var mebibytes = Number("problem.yaml", "limits.memory", text);
        if (mebibytes < 16)
            throw new PackageException("problem.yaml", "limits.memory must be 16 MiB or more");
        if (mebibytes > 1024)
            _notes.Add("The memory limit is 1024 MiB, the most that a challenge gives; the package asks for more.");
        return (int)Math.Round(Math.Min(mebibytes, 1024) * 1024);
    }

    private string? Limit(string name) => _settings.GetValueOrDefault("limits") switch
    {
        null or "" => null,
        IReadOnlyDictionary<string, object> limits => limits.GetValueOrDefault(name) switch
        {
            null => null,
            string text => text,
            _ => throw new PackageException("problem.yaml", $"limits.{name} must be a number"),
        },
        _ => throw new PackageException("problem.yaml", "limits must be a mapping"),
    };

    private static double Number(string file, string what, string text) =>
        double.TryParse(text, _plainNumber, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw new PackageException(file, $"{what} must be a number");

    private CheckerSpec Checker()
    {
        var flags = Flags();
        if (Setting("validation") != "custom")
        {
            if (_archive.Under("output_validators").Any())
                _notes.Add("The output validators were left out: problem.yaml says that the default one decides.");
            return DefaultChecker(flags);
        }
        if (flags.Length > 0)
            throw new PackageException("problem.yaml", "validator_flags for a custom validator are not read here: a checker program gets none");
        var files = _archive.Under("output_validators").ToList();
        switch (files)
        {
            case []:
                throw new PackageException("output_validators", "is empty, and problem.yaml says that the validator is a custom one");
            case [var file]:
                var language = SourceFiles.LanguageOf(file) ?? throw new PackageException(file, "is in no language of the judge");
                return new() { Kind = CheckerKind.Program, Language = language, Source = _archive.Text(file, CheckerSpec.MaxSource) };
            default:
                throw new PackageException("output_validators", $"holds {files.Count} files: a checker program is one file");
        }
    }

    private string[] Flags()
    {
        var flags = Setting("validator_flags");
        foreach (var file in _archive.Under("data").Where(p => Path.GetFileName(p) == "testdata.yaml"))
        {
            var own = PackageYaml.Read(file, _archive.Text(file, PackageYaml.MaxBytes)).GetValueOrDefault("output_validator_flags") as string;
            if (string.IsNullOrWhiteSpace(own) || own.Trim() == flags)
                continue;
            if (flags is not null || file != "data/testdata.yaml")
                throw new PackageException(file, "has validator flags of its own: all tests of a challenge are checked in one way");
            flags = own.Trim();
        }
        return flags?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];
    }

    private static CheckerSpec DefaultChecker(string[] flags)
    {
        var (heedsCase, heedsSpace, absolute, relative) = (false, false, (double?)null, (double?)null);
        for (var i = 0; i < flags.Length; i++)
        {
            switch (flags[i])
            {
                case "case_sensitive":
                    heedsCase = true;
                    break;
                case "space_change_sensitive":
                    heedsSpace = true;
                    break;
                case "float_absolute_tolerance":
                    absolute = Tolerance(1_000_000);
                    break;
                case "float_relative_tolerance":
                    relative = Tolerance(1);
                    break;
                case "float_tolerance":
                    absolute = relative = Tolerance(1);
                    break;
                default:
                    throw new PackageException("problem.yaml", $"validator flag {Short(flags[i])} is not known");
            }

            double Tolerance(double most)
            {
                var tolerance = Number("problem.yaml", flags[i], ++i < flags.Length ? flags[i] : "");
                return tolerance >= 0 && tolerance <= most ? tolerance : throw new PackageException("problem.yaml", $"{flags[i - 1]} must be 0 to {most}");
            }
        }
        var isFloat = absolute is not null || relative is not null;
        if (isFloat && heedsSpace)
            throw new PackageException("problem.yaml", "space_change_sensitive cannot be had together with a tolerance");
        return new()
        {
            Kind = isFloat ? CheckerKind.Float : heedsSpace ? CheckerKind.Exact : CheckerKind.Tokens,
            Absolute = isFloat ? absolute ?? 0 : null,
            Relative = isFloat ? relative ?? 0 : null,
            IgnoreCase = !heedsCase,
        };
    }

    private List<TestCase> Tests()
    {
        var tests = new List<TestCase>();
        var (longSamples, moreSamples) = (0, 0);
        foreach (var (folder, isSample) in ((string, bool)[])[("data/sample", true), ("data/secret", false)])
        {
            var files = _archive.Under(folder).ToHashSet(StringComparer.Ordinal);
            foreach (var answer in files.Where(f => f.EndsWith(".ans", StringComparison.Ordinal) && !files.Contains(f[..^4] + ".in")))
                Fault(answer, "has no .in beside it");
            foreach (var input in files.Where(f => f.EndsWith(".in", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            {
                var path = input[..^3];
                if (!files.Contains(path + ".ans"))
                {
                    Fault(input, "has no .ans beside it");
                    continue;
                }
                if (tests.Count == Challenge.MaxTestCases)
                    throw new PackageException("data", $"holds more than {Challenge.MaxTestCases} tests");
                var sample = isSample;
                var text = Try(() => _archive.Text(input, TestCaseRequest.MaxText), "");
                var expected = Try(() => _archive.Text(path + ".ans", TestCaseRequest.MaxText), "");
                var longest = Math.Max(Encoding.UTF8.GetByteCount(text), Encoding.UTF8.GetByteCount(expected));
                if (sample && longest > TestCaseRequest.MaxSampleText)
                    (sample, longSamples) = (false, longSamples + 1);
                else if (sample && tests.Count(t => t.Sample) == Challenge.MaxSamples)
                    (sample, moreSamples) = (false, moreSamples + 1);
                tests.Add(new TestCase
                {
                    Id = Guid.CreateVersion7(),
                    ChallengeId = _challengeId,
                    Ordinal = tests.Count + 1,
                    Sample = sample,
                    Input = text,
                    ExpectedOutput = expected,
                    Explanation = files.Contains(path + ".desc") ? Try(() => Explanation(path + ".desc"), null) : null,
                });
            }
        }
        if (longSamples > 0)
            _notes.Add($"{longSamples} samples longer than {TestCaseRequest.MaxSampleText} bytes became hidden tests.");
        if (moreSamples > 0)
            _notes.Add($"{moreSamples} samples beyond the {Challenge.MaxSamples} that a challenge shows became hidden tests.");
        if (!tests.Exists(t => t.Sample))
            _notes.Add("There is no sample: publishing needs one.");
        if (!tests.Exists(t => !t.Sample))
            _notes.Add("There is no hidden test: publishing needs one.");
        return tests;
    }

    private string? Explanation(string path) => _archive.Text(path, TestCaseRequest.MaxExplanation).Trim() is { Length: > 0 } text ? text : null;

    private List<Solution> Solutions()
    {
        var solutions = new List<Solution>();
        var left = new List<string>();
        var paths = _archive.Under("submissions").OrderBy(p => !p.StartsWith("submissions/accepted/", StringComparison.Ordinal));
        foreach (var path in paths.ThenBy(p => p, StringComparer.Ordinal))
        {
            var parts = path.Split('/');
            var name = string.Join('/', parts[1..]);
            if (parts.Length != 3 || !_expectations.TryGetValue(parts[1], out var expected) || SourceFiles.LanguageOf(path) is not { } language
                || name.Length > SolutionRequest.MaxName || solutions.Count == Challenge.MaxSolutions)
            {
                left.Add(name);
                continue;
            }
            var source = Try(() => _archive.Text(path, SubmitSolutionRequest.MaxCode), "-");
            if (string.IsNullOrWhiteSpace(source))
            {
                Fault(path, "is empty");
                continue;
            }
            solutions.Add(new Solution
            {
                Id = Guid.CreateVersion7(),
                ChallengeId = _challengeId,
                Name = name,
                Language = language,
                Source = source,
                Expected = expected,
            });
        }
        if (left.Count > 0)
        {
            _notes.Add(
                $"{left.Count} submissions were left out, for they are more than one file, in no language of the judge, expected to come to something else, "
                + $"or beyond {Challenge.MaxSolutions}: {string.Join(", ", left.Take(10).Select(Short))}{(left.Count > 10 ? ", …" : "")}");
        }
        return solutions;
    }

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";
}

using TalentSphere.Benchmarks.Auth;
using TalentSphere.Benchmarks.Events;
using TalentSphere.Benchmarks.Judging;

// Started by `./mesh bench <name>`.
return args switch
{
    ["auth"] => await AuthBenchmark.RunAsync(),
    ["events"] => await EventBenchmark.RunAsync(),
    ["judge"] => await JudgeBenchmark.RunAsync(),
    _ => throw new ArgumentException("There is a benchmark for: auth, events, judge."),
};

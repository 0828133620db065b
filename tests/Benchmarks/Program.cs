using System.Globalization;
using TalentSphere.Benchmarks.Auth;
using TalentSphere.Benchmarks.Edge;
using TalentSphere.Benchmarks.Events;
using TalentSphere.Benchmarks.Judging;

// Started by `./mesh bench <name>`.
return args switch
{
    ["auth"] => await AuthBenchmark.RunAsync(),
    ["events"] => await EventBenchmark.RunAsync(),
    ["judge"] => await JudgeBenchmark.RunAsync(),
    ["gateway"] => await GatewayBenchmark.CompareAsync(rounds: 5, TimeSpan.FromSeconds(10)),
    ["gateway", "soak", var seconds] => await GatewayBenchmark.SoakAsync(Seconds(seconds)),
    ["gateway", "failover", var seconds] => await FailoverBenchmark.RunAsync(Seconds(seconds)),
    _ => throw new ArgumentException("There is a benchmark for: auth, events, judge, gateway."),
};

static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(int.Parse(text, CultureInfo.InvariantCulture));

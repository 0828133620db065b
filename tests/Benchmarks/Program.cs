using TalentSphere.Benchmarks.Events;

// Started by `./mesh bench <name>`.
return args switch
{
    ["events"] => await EventBenchmark.RunAsync(),
    _ => throw new ArgumentException("There is a benchmark for: events."),
};

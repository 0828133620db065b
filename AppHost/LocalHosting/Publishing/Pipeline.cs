using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TalentSphere.AppHost.LocalHosting;

namespace Aspire.Hosting.Pipelines
{
    /// <summary>The steps of a publish run, in the order in which their dependencies allow them.</summary>
    public interface IDistributedApplicationPipeline
    {
        /// <summary>Adds a step. <paramref name="dependsOn"/> and <paramref name="requiredBy"/> are a step's name or several.</summary>
        void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null);
    }

    /// <summary>What a step sees.</summary>
    public sealed class PipelineStepContext
    {
        public required DistributedApplicationModel Model { get; init; }

        public required IServiceProvider Services { get; init; }

        public required DistributedApplicationExecutionContext ExecutionContext { get; init; }

        public ILogger Logger { get; init; } = NullLogger.Instance;

        public CancellationToken CancellationToken { get; init; }
    }

    /// <summary>Where the steps write to.</summary>
    public interface IPipelineOutputService
    {
        /// <summary><c>--output-path</c>, or <c>aspire-output</c> beside the caller.</summary>
        string GetOutputDirectory();
    }

    /// <summary>Steps that every pipeline has.</summary>
    public static class WellKnownPipelineSteps
    {
        public const string Publish = "publish";
    }
}

namespace TalentSphere.AppHost.LocalHosting
{
    /// <summary>What steps tell, on this terminal.</summary>
    internal sealed class StepLog : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Console.WriteLine(formatter(state, exception));
        }
    }

    internal sealed class PipelineOutput(IConfiguration configuration) : IPipelineOutputService
    {
        public string GetOutputDirectory() => Path.GetFullPath(configuration["Pipeline:OutputPath"] ?? "aspire-output");
    }

    internal sealed class Pipeline : IDistributedApplicationPipeline
    {
        private readonly List<Step> _steps = [new(WellKnownPipelineSteps.Publish, static _ => Task.CompletedTask, [])];

        public void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null)
        {
            if (_steps.Any(s => s.Name == name))
                throw new InvalidOperationException($"There is already a step '{name}'.");
            _steps.Add(new(name, action, [.. Names(dependsOn)]));
            foreach (var later in Names(requiredBy))
                Find(later).DependsOn.Add(name);
        }

        /// <summary>The step of that name after everything it depends on, each once.</summary>
        /// <exception cref="DistributedApplicationException">There is no such step, or steps depend on each other in a circle.</exception>
        public async Task RunAsync(string name, PipelineStepContext context)
        {
            var order = new List<Step>();
            Visit(name, order, []);
            foreach (var step in order)
                await step.Action(context);
        }

        private void Visit(string name, List<Step> order, HashSet<string> above)
        {
            var step = Find(name);
            if (order.Contains(step))
                return;
            if (!above.Add(name))
                throw new DistributedApplicationException($"The step '{name}' depends on itself.");
            foreach (var earlier in step.DependsOn)
                Visit(earlier, order, above);
            above.Remove(name);
            order.Add(step);
        }

        private Step Find(string name) => _steps.Find(s => s.Name == name)
            ?? throw new DistributedApplicationException($"There is no step '{name}'; there are {string.Join(", ", _steps.Select(s => s.Name))}.");

        private static IEnumerable<string> Names(object? steps) => steps switch
        {
            null => [],
            string one => [one],
            IEnumerable<string> several => several,
            _ => throw new ArgumentException($"A step is named by text, not by a {steps.GetType().Name}.", nameof(steps)),
        };

        private sealed record Step(string Name, Func<PipelineStepContext, Task> Action, List<string> DependsOn);
    }

    /// <summary>A publish run: the chosen step, and nothing of the application is started.</summary>
    internal sealed class PublishRun(IServiceProvider services, Pipeline pipeline)
    {
        public async Task RunAsync(CancellationToken cancellationToken)
        {
            var context = new PipelineStepContext
            {
                Model = services.GetRequiredService<DistributedApplicationModel>(),
                Services = services,
                ExecutionContext = services.GetRequiredService<DistributedApplicationExecutionContext>(),
                Logger = new StepLog(),
                CancellationToken = cancellationToken,
            };
            var step = services.GetRequiredService<IConfiguration>()["Pipeline:Step"] ?? WellKnownPipelineSteps.Publish;
            try
            {
                await pipeline.RunAsync(step, context);
            }
            catch (Exception e) when (e is DistributedApplicationException or IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync(e.Message);
                Environment.ExitCode = 1;
            }
        }
    }
}

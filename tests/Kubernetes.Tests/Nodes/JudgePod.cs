using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using TalentSphere.Kubernetes.Tests.Processes;

namespace TalentSphere.Kubernetes.Tests.Nodes;

/// <summary>The judge as its pod runs it, under a system call filter, on a <c>/proc</c> that is not masked and with control groups of its own that it may write.</summary>
internal sealed class JudgePod : IAsyncDisposable
{
    private const string _key = "a-key-of-thirty-two-letters-at-least";

    private readonly string _folder;
    private readonly PodGroups _groups;
    private readonly PodProcess _process;

    private JudgePod(string folder, PodGroups groups, PodProcess process) => (_folder, _groups, _process) = (folder, groups, process);

    public string Output => _process.Output;

    public static async Task<JudgePod> StartAsync(SeccompProfile profile)
    {
        var folder = Directory.CreateTempSubdirectory("ts-judge-pod-").FullName;
        var secrets = Directory.CreateDirectory(Path.Combine(folder, "secrets")).FullName;
        await File.WriteAllTextAsync(Path.Combine(secrets, "Judge__Key"), _key);
        var filter = Path.Combine(folder, "filter.bpf");
        await File.WriteAllBytesAsync(filter, profile.Assemble());
        var groups = PodGroups.Create();
        var others = new Dictionary<string, string>
        {
            ["OTEL_SDK_DISABLED"] = "true",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9",
            ["Judge__AllowRestricted"] = groups.Folders.Count == 0 ? "true" : "false",
        };
        var process = PodProcess.Start("judge", secrets, others, new PodBox(filter, ["/proc", "/sys/fs/cgroup"], groups.Folders));
        process.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _key);
        return new(folder, groups, process);
    }

    /// <summary>What it says of itself once it has tried its boxes.</summary>
    public async Task<JsonNode> TriedAsync()
    {
        await _process.AnswersAsync("/health/startup", HttpStatusCode.OK);
        return JsonNode.Parse(await _process.Http.GetStringAsync("/judge/languages"))!;
    }

    public Task<HttpStatusCode> ReadyAsync() => _process.AskAsync("/ready");

    /// <summary>Has a program judged that is to print the sum of two numbers.</summary>
    public async Task<string> JudgeAsync(string language, string source)
    {
        using var answer = await _process.Http.PostAsJsonAsync("/judge/jobs", new
        {
            id = Guid.CreateVersion7(),
            language,
            source,
            limits = new { cpuMs = 5000, memoryKb = 256 * 1024, outputKb = 64 },
            checker = new { kind = "tokens" },
            captureOutput = true,
            tests = new[] { new { ordinal = 1, input = "2 3\n", expectedOutput = "5\n" } },
        });
        return await answer.Content.ReadAsStringAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // In order, so that it takes its control groups with it.
        if (!_process.HasExited)
        {
            _process.Terminate();
            await _process.ExitAsync(TimeSpan.FromSeconds(30));
        }
        await _process.DisposeAsync();
        _groups.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TalentSphere.Kubernetes.Tests;

/// <summary>The guide's commands, as far as they can be looked at without a cluster: files, programs, resources, labels, properties of the vault.</summary>
public sealed partial class GuideTests
{
    /// <summary>How commands name kinds.</summary>
    private static readonly Dictionary<string, string> _kinds = new()
    {
        ["pod"] = "Pod",
        ["pods"] = "Pod",
        ["deployment"] = "Deployment",
        ["job"] = "Job",
        ["jobs"] = "Job",
        ["cronjob"] = "CronJob",
        ["statefulset"] = "StatefulSet",
        ["cluster"] = "Cluster",
        ["pooler"] = "Pooler",
        ["hpa"] = "HorizontalPodAutoscaler",
        ["scaledobject"] = "ScaledObject",
        ["externalsecret"] = "ExternalSecret",
        ["externalsecrets"] = "ExternalSecret",
        ["networkpolicies"] = "NetworkPolicy",
        ["gateways.gateway.networking.k8s.io"] = "Gateway",
        ["backups"] = "ScheduledBackup",
    };

    /// <summary>Options of kubectl that take the next word.</summary>
    private static readonly HashSet<string> _valued = ["-n", "--context", "-l", "-f", "-k", "-o", "-p", "-c"];

    private static readonly HashSet<string> _verbs = ["get", "describe", "logs", "wait", "rollout", "scale", "patch", "annotate", "delete", "create", "apply", "diff", "kustomize", "exec", "top", "label"];

    public static TheoryData<string> Commands => [.. CommandsOf(Guide()).Distinct()];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_command_of_the_guide_names_what_is_there(string command) => (await WrongAsync(command)).ShouldBeEmpty(command);

    [Fact]
    public async Task A_command_that_names_what_is_not_there_is_noticed()
    {
        foreach (var wrong in new[]
        {
            "kubectl -n talentsphere get pods -l app.kubernetes.io/name=nobody", "kubectl -n talentsphere rollout undo deployment/nobody", "kubectl apply -k k8s/overlays/nowhere",
            "kubectl label node NODE talentsphere.io/box=true", "install -D -m 0644 k8s/nodes/seccomp/nobody.json /etc/nobody.json", "install -D -m 0644 k8s/README.md /etc/README.md",
            "./mesh sing", "./mesh keys sing", "kubectl -n talentsphere get cluster mysql", "kubectl frobnicate pods", "kubectl -n elsewhere get pods", "kubectl -n talentsphere get widgets",
            "vault kv patch secret/talentsphere/redis pasword=@x", "printf x | frobnicate", "kubectl -n talentsphere exec -i redis-server-0 -- sh", "kubectl -n talentsphere create job --from=cronjob/nobody now", "kubectl -n talentsphere exec -it mysql-1 -- sh", "frobnicate",
        })
        {
            (await WrongAsync(wrong)).ShouldNotBeEmpty(wrong);
        }
    }

    [Fact]
    public void Every_link_inside_the_guide_leads_somewhere_and_every_file_it_names_is_there()
    {
        var guide = Guide();
        var anchors = guide.Split('\n').Where(l => l.StartsWith('#')).Select(Anchor).ToList();
        anchors.ShouldBeUnique();
        foreach (var link in Link().Matches(guide).Select(m => m.Groups[1].Value))
            anchors.ShouldContain(link);
        var named = NamedFile().Matches(guide).Select(m => m.Groups["file"].Value).Distinct().ToList();
        named.ShouldNotBeEmpty();
        foreach (var file in named)
            (File.Exists(Path.Combine(Checkout.Root, file)) || File.Exists(Path.Combine(Checkout.Manifests, file))).ShouldBeTrue(file);
    }

    [Theory]
    [InlineData("First deployment")]
    [InlineData("Nodes for strangers' programs")]
    [InlineData("Secrets")]
    [InlineData("Rotation")]
    [InlineData("Scaling")]
    [InlineData("Beyond one database server")]
    [InlineData("Upgrade")]
    [InlineData("Roll back")]
    [InlineData("Backup")]
    [InlineData("Restore")]
    [InlineData("Disaster recovery")]
    [InlineData("Region failover")]
    [InlineData("Runbooks")]
    public void The_guide_has_what_an_operator_looks_for(string heading) => Guide().Split('\n').ShouldContain($"## {heading}");

    [Fact]
    public void The_guide_says_what_was_not_checked_and_what_is_promised()
    {
        Guide().ShouldContain("No API server has accepted these manifests yet");
        Guide().ShouldContain("RTO 4 hours, RPO 1 hour");
    }

    /// <summary>A heading's anchor, as Markdown readers make it.</summary>
    internal static string Anchor(string heading) => NoAnchor().Replace(heading.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-');

    private static string Guide() => File.ReadAllText(Path.Combine(Checkout.Manifests, "README.md"));

    /// <summary>The lines of shell blocks, and what stands in a sentence and begins as a command does.</summary>
    private static IEnumerable<string> CommandsOf(string guide)
    {
        foreach (Match block in Block().Matches(guide))
        {
            foreach (var line in block.Groups["lines"].Value.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
                yield return line;
        }
        foreach (var code in Inline().Matches(Block().Replace(guide, "")).Select(m => m.Groups[1].Value).Where(c => c.StartsWith("kubectl ", StringComparison.Ordinal) || c.StartsWith("./mesh ", StringComparison.Ordinal)))
            yield return code;
    }

    private static async Task<IReadOnlyList<string>> WrongAsync(string command)
    {
        var found = new List<string>();
        string[] rest = [.. Word().Matches(command).Select(m => m.Value)];
        for (var end = Array.IndexOf(rest, "|"); end > 0; end = Array.IndexOf(rest, "|"))
        {
            found.AddRange(await WrongAloneAsync(rest[..end]));
            rest = rest[(end + 1)..];
        }
        return [.. found, .. await WrongAloneAsync(rest)];
    }

    /// <summary>One program of a pipe.</summary>
    private static async Task<IReadOnlyList<string>> WrongAloneAsync(string[] words)
    {
        var wrong = words.Where(w => w.StartsWith("k8s/", StringComparison.Ordinal) && !Path.Exists(Path.Combine(Checkout.Root, w))).Select(w => $"{w} is not there").ToList();
        switch (words[0])
        {
            case "./mesh":
                wrong.AddRange(WrongInMesh(words));
                break;
            case "kubectl":
                wrong.AddRange(await WrongInKubectlAsync(words[1..]));
                break;
            case "vault":
                wrong.AddRange(await WrongInVaultAsync(words[1..]));
                break;
            case "install" when words is ["install", "-D", "-m", "0644", var file, ['/', ..]]:
                if (!file.StartsWith("k8s/nodes/", StringComparison.Ordinal))
                    wrong.Add($"{file} is nothing that a node is given");
                break;
            case "pg_restore" or "printf" or "systemctl" or "containerd" or "apparmor_parser" or "grep":
                break;
            default:
                wrong.Add($"'{words[0]}' is no program that the guide explains");
                break;
        }
        return wrong;
    }

    private static IEnumerable<string> WrongInMesh(string[] words)
    {
        var sources = Directory.GetFiles(Path.Combine(Checkout.Root, "AppHost", "Cli", "Commands"), "*.cs").Select(File.ReadAllText).ToList();
        var names = words[1..].TakeWhile(w => w[0] != '-').ToList();
        if (sources.Find(s => s.Contains($"new(\"{names[0]}\"", StringComparison.Ordinal) || s.Contains($"new Command(\"{names[0]}\"", StringComparison.Ordinal)) is not { } source)
        {
            yield return $"there is no ./mesh {names[0]}";
            yield break;
        }
        foreach (var below in names.Skip(1).Where(n => !source.Contains($"Command(\"{n}\"", StringComparison.Ordinal)))
            yield return $"./mesh {names[0]} has no {below}";
        foreach (var option in words.Where(w => w.StartsWith("--", StringComparison.Ordinal) && !source.Contains($"\"{w}\"", StringComparison.Ordinal)))
            yield return $"./mesh {names[0]} has no {option}";
    }

    private static async Task<IReadOnlyList<string>> WrongInVaultAsync(string[] words)
    {
        var known = (await Overlays.GetAsync("prod")).OfKind("ExternalSecret").SelectMany(e => e.Spec.List("data")).Select(d => (d.Text("remoteRef", "key"), d.Text("remoteRef", "property"))).ToHashSet();
        return words is ["kv", "patch", var path, var property] && known.Contains((path["secret/".Length..], property.Split('=')[0]))
            ? []
            : [$"no ExternalSecret asks for {string.Join(' ', words)}"];
    }

    private static async Task<IReadOnlyList<string>> WrongInKubectlAsync(string[] words)
    {
        IReadOnlyList<Manifest> there = [.. (await Overlays.GetAsync("prod")).Manifests, .. (await Overlays.GetAsync("prod-citus")).Manifests, .. await Overlays.ExperimentsAsync()];
        var wrong = new List<string>();
        var plain = new List<string>();
        string? labels = null;
        for (var i = 0; i < words.Length && words[i] != "--"; i++)
        {
            if (_valued.Contains(words[i]))
            {
                var value = words[++i];
                if (words[i - 1] == "-n" && value != "talentsphere")
                    wrong.Add($"the namespace {value} is not ours");
                labels = words[i - 1] == "-l" ? value : labels;
            }
            else if (words[i].StartsWith("--from=", StringComparison.Ordinal))
                plain.Add(words[i]["--from=".Length..]);
            else if (words[i][0] != '-')
                plain.Add(words[i]);
        }
        if (!_verbs.Contains(plain[0]))
            wrong.Add($"kubectl has no {plain[0]}");
        // Which words name resources depends on the verb.
        var named = plain[0] switch
        {
            "apply" or "diff" or "kustomize" => [],
            "rollout" => plain[2..],
            "create" => plain.Where(p => p.StartsWith("cronjob/", StringComparison.Ordinal)).ToList(),
            "exec" => [.. plain.Skip(1).Take(1).Select(p => $"instance/{p}")],
            "annotate" => [.. plain.Skip(1).Where(p => !p.Contains('='))],
            // Nodes are the cluster's; what they are labelled with is what one of our runtimes looks for.
            "label" => [],
            _ => plain[1..],
        };
        if (plain is ["label", "node", _, var given] && !there.Any(m => m.Kind == "RuntimeClass" && m.Body.Map("scheduling", "nodeSelector").Any(s => $"{s.Key}={s.Value}" == given)))
            wrong.Add($"no RuntimeClass looks for {given}");
        var kind = "";
        foreach (var word in named.Where(n => !n.Contains("SERVICE", StringComparison.Ordinal)))
        {
            var (of, name) = word.Split('/') is [var k, var n] ? (k, n) : kind.Length == 0 ? (word, null) : (kind, word);
            if (of == "instance")
            {
                if (!there.Any(m => m.Kind is "Cluster" or "StatefulSet" or "RabbitmqCluster" && Regex.IsMatch(name!, $"^{m.Name}{(m.Kind == "RabbitmqCluster" ? "-server" : "")}-\\d+$")))
                    wrong.Add($"{name} is no pod of a server");
                continue;
            }
            if (!_kinds.TryGetValue(of, out var known))
            {
                wrong.Add($"'{of}' is no kind that is known here");
                continue;
            }
            if (!word.Contains('/'))
                kind = of;
            // What the lines before made by hand.
            if (name is not null && !name.EndsWith("-now", StringComparison.Ordinal) && !there.Any(m => m.Kind == known && m.Name == name))
                wrong.Add($"there is no {known}/{name}");
            if (name is null && known != "Pod" && !there.Any(m => m.Kind == known))
                wrong.Add($"there is no {known}");
        }
        if (labels?.Split('=') is [var label, var wanted])
        {
            var carried = there.Select(m => m.Labels).Concat(there.Select(m => m.PodLabels)).Concat(Rules.ReferenceRules.OperatorPods(await Overlays.GetAsync("prod")).Select(p => p.Labels));
            if (wanted != "SERVICE" && !carried.Any(l => l.GetValueOrDefault(label) == wanted))
                wrong.Add($"nothing has the label {labels}");
        }
        return wrong;
    }

    [GeneratedRegex(@"```sh\n(?<lines>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"\]\(#([^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<file>[\w./-]+/[\w./-]+\.(yaml|cs|md))`", RegexOptions.ExplicitCapture)]
    private static partial Regex NamedFile();

    [GeneratedRegex("[^a-z0-9 -]")]
    private static partial Regex NoAnchor();

    [GeneratedRegex("""(?:[^\s'"]|'[^']*'|"[^"]*")+""")]
    private static partial Regex Word();
}

using System.Text.RegularExpressions;

namespace TalentSphere.Kubernetes.Tests.Rules;

/// <summary>No secret stands in any file, and nobody is given another's.</summary>
internal static partial class SecretRules
{
    public static IReadOnlyList<ManifestRule> All { get; } = [new("no-secret-values", NoValues), new("no-secret-variables", NoVariables), new("own-secrets", OwnSecrets)];

    private static IEnumerable<Wrong> NoValues(RenderedSet set)
    {
        foreach (var secret in set.OfKind("Secret").Where(s => s.Body.Map("data").Count + s.Body.Map("stringData").Count > 0))
            yield return (secret, "data", "holds values; they come from the vault");
        foreach (var manifest in set.Manifests)
        {
            foreach (var (path, text) in manifest.Body.Strings().Where(s => LooksSecret(s.Text)))
                yield return (manifest, path, "holds what looks like a secret");
        }
    }

    /// <summary>Text that only a secret looks like; a hole in a template is none.</summary>
    public static bool LooksSecret(string text)
    {
        var filled = Hole().Replace(text, "");
        return PrivateKey().IsMatch(filled) || SignedToken().IsMatch(filled) || Password().IsMatch(filled) || UserInfo().IsMatch(filled);
    }

    /// <summary>A setting that is named as a secret comes from a file or a Secret, never as a value.</summary>
    private static IEnumerable<Wrong> NoVariables(RenderedSet set)
    {
        foreach (var owner in set.WithPods)
        {
            foreach (var (container, path) in owner.AllContainers)
            {
                foreach (var variable in container.List("env").Where(e => e.Text("value") is not null && IsSecretName(e.Text("name")!)))
                    yield return (owner, $"{path}.env.{variable.Text("name")}", "is a secret's name with a value");
                // Arguments can be read by whoever may list processes.
                foreach (var argument in container.Texts("args").Concat(container.Texts("command")).Where(a => SecretArgument().IsMatch(a)))
                    yield return (owner, $"{path}.args", $"'{argument}' takes a secret");
            }
        }
        foreach (var config in set.OfKind("ConfigMap"))
        {
            foreach (var key in config.Body.Map("data").Keys.Where(IsSecretName))
                yield return (config, $"data.{key}", "is a secret's name");
        }
    }

    /// <summary>A process mounts its own Secret and no other.</summary>
    private static IEnumerable<Wrong> OwnSecrets(RenderedSet set)
    {
        foreach (var workload in set.Workloads)
        {
            var named = workload.PodSpec.List("volumes").Select(v => v.Text("secret", "secretName"))
                .Concat(workload.AllContainers.SelectMany(c => c.Container.List("envFrom").Select(e => e.Text("secretRef", "name"))))
                .Concat(workload.AllContainers.SelectMany(c => c.Container.List("env").Select(e => e.Text("valueFrom", "secretKeyRef", "name"))));
            foreach (var other in named.Where(n => n is not null && n != $"{workload.Name}-secrets" && set.Facts.Workloads.Keys.Any(w => n == $"{w}-secrets")))
                yield return (workload, workload.PodSpecPath, $"is given '{other}'");
        }
    }

    private static bool IsSecretName(string name) =>
        !name.EndsWith("_FILE", StringComparison.Ordinal) && (SecretName().IsMatch(name) || name.StartsWith("ConnectionStrings__", StringComparison.Ordinal));

    [GeneratedRegex(@"\{\{.*?\}\}|\$\(\w+\)|\$\{?\w+\}?", RegexOptions.Singleline)]
    private static partial Regex Hole();

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY")]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+")]
    private static partial Regex SignedToken();

    [GeneratedRegex(@"(password|passwd|pwd|secret|api[-_]?key)\s*[=:]\s*[^\s;,""'{}$/<][^\s;,""']{3,}", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Password();

    [GeneratedRegex(@"\w+://[^\s/:@]*:[^\s/:@]+@")]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(password|secret|token|api[-_]?key|privatekey|encryptionkey|(^|_)key)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"(^|\s)--?[\w-]*(password|secret|token|requirepass)[\w-]*[= ]+(?![$<""'{/])\S", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex SecretArgument();
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TalentSphere.Kubernetes.Tests.Rules;

/// <summary>
/// Each Kyverno policy is held against our own pods, so that the cluster does not refuse what we deploy: as much of Kyverno's patterns as the policies use, and
/// anything else is refused.
/// </summary>
internal static class KyvernoRules
{
    public static IReadOnlyList<ManifestRule> All { get; } = [new("kyverno", Hold), new("kyverno-applies", Applies, OfWhole: true)];

    private static IEnumerable<Wrong> Hold(RenderedSet set)
    {
        foreach (var (policy, rule) in RulesOf(set))
        {
            foreach (var owner in set.WithPods.Where(w => Matches(rule, w)))
            {
                var wrong = new List<string>();
                Check(rule.At("validate", "pattern"), owner.PodTemplate, "", wrong);
                foreach (var place in wrong)
                    yield return (owner, place.TrimStart('.'), $"{policy.Id} refuses it: {rule.Text("validate", "message")}");
            }
        }
    }

    /// <summary>A policy that takes nobody protects nobody, and one that only reports does not either.</summary>
    private static IEnumerable<Wrong> Applies(RenderedSet set)
    {
        if (!RulesOf(set).Any())
            yield return (set.Manifests[0], "", "there is no admission policy");
        foreach (var (policy, rule) in RulesOf(set))
        {
            if (!set.Workloads.All(w => Matches(rule, w)))
                yield return (policy, "spec.rules.match", "does not take every process of the mesh");
            if ((rule.Text("validate", "failureAction") ?? policy.Spec.Text("validationFailureAction")) != "Enforce")
                yield return (policy, "spec.rules.validate.failureAction", "does not enforce");
        }
    }

    private static IEnumerable<(Manifest Policy, JsonObject Rule)> RulesOf(RenderedSet set) =>
        set.Manifests.Where(m => m.Group == "kyverno.io").SelectMany(p => p.Spec.List("rules").Select(r => (p, r)));

    private static bool Matches(JsonObject rule, Manifest owner) => rule.List("match", "any").Any(m =>
        m.Texts("resources", "kinds").Contains("Pod") && RenderedSet.Selects(m.At("resources", "selector"), owner.PodLabels));

    private static void Check(JsonNode? pattern, JsonNode? value, string at, List<string> wrong)
    {
        switch (pattern)
        {
            case JsonObject fields:
                CheckFields(fields, value, at, wrong);
                break;
            case JsonArray items when value is JsonArray actual:
                // One pattern for every item.
                for (var i = 0; i < actual.Count; i++)
                    Check(items.Single(), actual[i], $"{at}[{i}]", wrong);
                break;
            case JsonValue wanted when value is JsonValue && HoldsAny(wanted, value):
                break;
            default:
                wrong.Add(at);
                break;
        }
    }

    private static void CheckFields(JsonObject pattern, JsonNode? value, string at, List<string> wrong)
    {
        if (value is not JsonObject fields)
        {
            wrong.Add(at);
            return;
        }
        // Conditions first: when one does not hold, the rest does not apply.
        foreach (var (key, condition) in pattern.Where(p => p.Key.StartsWith('(')))
        {
            var unmet = new List<string>();
            Check(condition, fields[key.Trim('(', ')')], "", unmet);
            if (unmet.Count > 0)
                return;
        }
        foreach (var (key, expected) in pattern.Where(p => !p.Key.StartsWith('(')))
        {
            if (key.StartsWith("=(", StringComparison.Ordinal))
            {
                var name = key[2..^1];
                if (fields[name] is { } present)
                    Check(expected, present, $"{at}.{name}", wrong);
            }
            else if (key.StartsWith("X(", StringComparison.Ordinal))
            {
                if (fields.ContainsKey(key[2..^1]))
                    wrong.Add($"{at}.{key[2..^1]}");
            }
            else if (key.Contains('('))
                throw new NotSupportedException($"The anchor '{key}' is not known here.");
            else
                Check(expected, fields[key], $"{at}.{key}", wrong);
        }
    }

    private static bool HoldsAny(JsonValue pattern, JsonNode value)
    {
        if (pattern.GetValueKind() != JsonValueKind.String)
            return JsonNode.DeepEquals(pattern, value);
        return pattern.ToString().Split('|').Any(either => either.Split('&').All(all => Holds(all.Trim(), value.ToString())));
    }

    private static bool Holds(string pattern, string text)
    {
        if (pattern.StartsWith('!'))
            return !Holds(pattern[1..], text);
        if (pattern.StartsWith('>') || pattern.StartsWith('<'))
        {
            return double.TryParse(pattern.TrimStart('>', '<', '='), CultureInfo.InvariantCulture, out var bound) && double.TryParse(text, CultureInfo.InvariantCulture, out var number)
                && (pattern.StartsWith(">=", StringComparison.Ordinal) ? number >= bound : pattern.StartsWith("<=", StringComparison.Ordinal) ? number <= bound
                    : pattern[0] == '>' ? number > bound : number < bound);
        }
        return Regex.IsMatch(text, $"^{Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".")}$", RegexOptions.Singleline);
    }
}

using System.Text.Json;
using System.Text.RegularExpressions;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Validation;

namespace TalentSphere.Gateway.Edge.Flags;

/// <summary>Makes a flag of a request, or says everything that is wrong with it.</summary>
internal static partial class FlagValidation
{
    private const string _nameRule = "must be 1 to 64 lower-case letters, digits, '.', '_' or '-', beginning with a letter or a digit";
    private const int _mostRules = 50, _mostVariants = 20, _mostEntries = 100, _mostUsers = 1000, _longestValue = 4096, _longestDescription = 500;

    public static (FeatureFlag? Flag, IReadOnlyList<FailureDetail> Faults) Read(string key, FlagRequest request, FeatureFlag? before)
    {
        var faults = new List<FailureDetail>();
        if (!IsName(key))
            faults.Add(new("key", _nameRule));
        if (request.Enabled is null)
            faults.Add(new("enabled", "is required"));
        if (request.Description is { } text && PlainText.FindFault(text, _longestDescription, lines: true) is { } fault)
            faults.Add(new("description", fault));
        var flag = new FeatureFlag
        {
            Key = key,
            Description = PlainText.Clean(request.Description),
            Enabled = request.Enabled ?? false,
            Percent = Percent(request.Percent ?? 100, "percent", faults),
            Environments = Entries(request.Environments, "environments", _mostEntries, faults),
            Variants = Variants(request.Variants ?? [], faults),
            ClientVisible = request.ClientVisible ?? true,
        };
        flag = flag with { Rules = Rules(request.Rules ?? [], flag.Variants, faults) };
        return faults.Count > 0 ? (null, faults) : (flag with { Variants = VariantAllocation.Allocate(flag.Variants, before?.Variants ?? []) }, faults);
    }

    public static bool IsName(string? text) => text is not null && Name().IsMatch(text);

    private static List<FlagVariant> Variants(IReadOnlyList<FlagVariantRequest?> requests, List<FailureDetail> faults)
    {
        if (requests.Count > _mostVariants)
            faults.Add(new("variants", $"holds more than {_mostVariants} entries"));
        var variants = new List<FlagVariant>();
        for (var i = 0; i < requests.Count && i < _mostVariants; i++)
        {
            var field = $"variants[{i}]";
            if (requests[i] is not { } request)
            {
                faults.Add(new(field, "must not be null"));
                continue;
            }
            if (!IsName(request.Name))
                faults.Add(new(field + ".name", _nameRule));
            else if (variants.Exists(v => v.Name == request.Name))
                faults.Add(new(field + ".name", "is named twice"));
            if (request.Weight is null)
                faults.Add(new(field + ".weight", "is required"));
            if (request.Value is { } value && value.GetRawText().Length > _longestValue)
                faults.Add(new(field + ".value", $"must be at most {_longestValue} characters long"));
            else if (request.Value is { } content && !StorableJson.IsStorable(content))
                faults.Add(new(field + ".value", "holds text or a number that cannot be stored"));
            variants.Add(new()
            {
                Name = request.Name ?? "",
                Weight = Percent(request.Weight ?? 0, field + ".weight", faults),
                Value = request.Value is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } ? request.Value : null,
            });
        }
        if (variants.Sum(v => v.Weight) > 100)
            faults.Add(new("variants", "have weights that add up to more than 100"));
        return variants;
    }

    private static List<TargetingRule> Rules(IReadOnlyList<TargetingRuleRequest?> requests, IReadOnlyList<FlagVariant> variants, List<FailureDetail> faults)
    {
        if (requests.Count > _mostRules)
            faults.Add(new("rules", $"holds more than {_mostRules} entries"));
        var rules = new List<TargetingRule>();
        for (var i = 0; i < requests.Count && i < _mostRules; i++)
        {
            var field = $"rules[{i}]";
            if (requests[i] is not { } request)
            {
                faults.Add(new(field, "must not be null"));
                continue;
            }
            if (request is { Roles: not { Count: > 0 }, Tenants: not { Count: > 0 }, Users: not { Count: > 0 } })
                faults.Add(new(field, "names nobody: give roles, tenants or users"));
            if (request.Variant is { } variant && !variants.Any(v => v.Name == variant))
                faults.Add(new(field + ".variant", "is none of the variants"));
            rules.Add(new()
            {
                Roles = Entries(request.Roles, field + ".roles", _mostEntries, faults),
                Tenants = Entries(request.Tenants, field + ".tenants", _mostEntries, faults),
                Users = Users(request.Users ?? [], field + ".users", faults),
                On = request.On ?? true,
                Percent = Percent(request.Percent ?? 100, field + ".percent", faults),
                Variant = request.Variant,
            });
        }
        return rules;
    }

    private static List<Guid> Users(IReadOnlyList<string?> texts, string field, List<FailureDetail> faults)
    {
        if (texts.Count > _mostUsers)
            faults.Add(new(field, $"holds more than {_mostUsers} entries"));
        var users = new List<Guid>();
        for (var i = 0; i < texts.Count && i < _mostUsers; i++)
        {
            if (Guid.TryParse(texts[i], out var user))
                users.Add(user);
            else
                faults.Add(new($"{field}[{i}]", "must be a UUID"));
        }
        return users;
    }

    private static List<string> Entries(IReadOnlyList<string?>? texts, string field, int most, List<FailureDetail> faults)
    {
        if (texts?.Count > most)
            faults.Add(new(field, $"holds more than {most} entries"));
        var entries = new List<string>();
        for (var i = 0; i < texts?.Count && i < most; i++)
        {
            if (PlainText.Clean(texts[i]) is not { } text)
                faults.Add(new($"{field}[{i}]", "must not be blank"));
            else if (PlainText.FindFault(text, 64, lines: false) is { } fault)
                faults.Add(new($"{field}[{i}]", fault));
            else
                entries.Add(text);
        }
        return entries;
    }

    private static decimal Percent(decimal percent, string field, List<FailureDetail> faults)
    {
        if (percent is >= 0 and <= 100 && decimal.Round(percent, 2) == percent)
            return percent;
        faults.Add(new(field, "must be 0 to 100, with two decimals at most"));
        // Others are added to it.
        return Math.Clamp(percent, 0, 100);
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,63}\z")]
    private static partial Regex Name();
}

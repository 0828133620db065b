using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Gateway.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Flags;

/// <summary>A flag as operators see it.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Enabled">The kill switch.</param>
/// <param name="Percent">How many of those whom no rule names have it.</param>
/// <param name="Environments">Where it acts; empty: everywhere.</param>
/// <param name="Rules">The first that names a caller decides.</param>
/// <param name="Variants">What those who have it are shared out among.</param>
/// <param name="ClientVisible">Whether clients are told of it.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
public sealed record FlagView(
    string Key, string? Description, bool Enabled, decimal Percent, IReadOnlyList<string> Environments, IReadOnlyList<TargetingRule> Rules,
    IReadOnlyList<FlagVariantView> Variants, bool ClientVisible, DateTime CreatedAt, DateTime UpdatedAt)
{
    internal static FlagView Of(StoredFlag row)
    {
        var flag = row.Read();
        return new(
            flag.Key, flag.Description, flag.Enabled, flag.Percent, flag.Environments, flag.Rules, [.. flag.Variants.Select(v => new FlagVariantView(v.Name, v.Weight, v.Value))],
            flag.ClientVisible, row.CreatedAt, row.UpdatedAt);
    }
}

/// <summary>A variant.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Weight">Its share, in percent.</param>
/// <param name="Value">What the client gets to know.</param>
public sealed record FlagVariantView(string Name, decimal Weight, JsonElement? Value);

/// <summary>One change.</summary>
/// <param name="At">UTC.</param>
/// <param name="Actor">Who did it; null once they were erased.</param>
/// <param name="From">The flag before; null: there was none.</param>
/// <param name="To">The flag after; null: it was deleted.</param>
public sealed record FlagChangeView(DateTime At, Guid? Actor, JsonElement? From, JsonElement? To);

/// <summary>What a flag is for somebody, and why.</summary>
/// <param name="Key">Its name.</param>
/// <param name="On">Whether they have it.</param>
/// <param name="Reason">What decided.</param>
/// <param name="Rule">The rule that named them, from 0.</param>
/// <param name="Bucket">Where they stand in the roll-out, 0..9999: they have it from a percentage of (bucket + 1) / 100 on.</param>
/// <param name="Variant">Their variant; null: the control group, or none.</param>
/// <param name="VariantBucket">Where they stand among the variants, 0..9999.</param>
/// <param name="Value">What the client gets to know.</param>
/// <param name="Environment">Where it was evaluated.</param>
public sealed record FlagExplanation(
    string Key, bool On, FlagReason Reason, int? Rule, int? Bucket, string? Variant, int? VariantBucket, JsonElement? Value, string Environment);

/// <summary>A flag for a client.</summary>
/// <param name="On">Whether the caller has it.</param>
/// <param name="Variant">Their variant; null: the control group, or none.</param>
/// <param name="Value">The variant's value.</param>
public sealed record ClientFlag(bool On, string? Variant, JsonElement? Value);

internal static class GetFlags
{
    public static ApiOk<Dictionary<string, ClientFlag>> Handle(HttpContext context, FlagStore flags)
    {
        context.Response.Headers.CacheControl = "private, no-store";
        var subject = FlagCallers.Of(context);
        var answer = new Dictionary<string, ClientFlag>();
        foreach (var flag in flags.All)
        {
            if (!flag.ClientVisible)
                continue;
            var decision = flags.Evaluate(flag.Key, subject);
            answer[flag.Key] = new(decision.On, decision.Variant?.Name, decision.Variant?.Value);
        }
        return Api.Ok(answer);
    }
}

internal static class ListFlags
{
    public static async Task<ApiPage<FlagView>> HandleAsync([AsParameters] Paging paging, GatewayDbContext db, CancellationToken cancellationToken)
    {
        var total = await db.Flags.LongCountAsync(cancellationToken);
        var rows = await db.Flags.AsNoTracking().OrderBy(f => f.Key).Skip(paging.Skip).Take(paging.Size).ToListAsync(cancellationToken);
        return Api.Page<FlagView>([.. rows.Select(FlagView.Of)], paging, total);
    }
}

internal static class GetFlag
{
    public static async Task<Results<ApiOk<FlagView>, ApiProblem>> HandleAsync(string key, GatewayDbContext db, CancellationToken cancellationToken)
    {
        if (!FlagValidation.IsName(key) || await db.Flags.AsNoTracking().SingleOrDefaultAsync(f => f.Key == key, cancellationToken) is not { } row)
            return Api.NotFound();
        return Api.Ok(FlagView.Of(row)).WithVersion(row.Version);
    }
}

internal static class GetFlagHistory
{
    public static async Task<Results<ApiPage<FlagChangeView>, ApiProblem>> HandleAsync(
        string key, [AsParameters] Paging paging, GatewayDbContext db, CancellationToken cancellationToken)
    {
        var changes = db.FlagChanges.AsNoTracking().Where(c => c.Key == key);
        // A flag that was deleted still has one.
        if (!FlagValidation.IsName(key) || await changes.LongCountAsync(cancellationToken) is not (> 0 and var total))
            return Api.NotFound();
        var page = await changes.OrderByDescending(c => c.Id).Skip(paging.Skip).Take(paging.Size).ToListAsync(cancellationToken);
        return Api.Page<FlagChangeView>([.. page.Select(c => new FlagChangeView(c.At, c.Actor, Parse(c.Before), Parse(c.After)))], paging, total);
    }

    private static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);
}

internal static class EvaluateFlag
{
    public static async Task<Results<ApiOk<FlagExplanation>, ApiProblem>> HandleAsync(
        string key, GatewayDbContext db, IHostEnvironment host, CancellationToken cancellationToken,
        [FromQuery] Guid? user = null, [FromQuery] string? anonymousId = null, [FromQuery] string? roles = null, [FromQuery] string? tenant = null,
        [FromQuery] string? environment = null)
    {
        if (anonymousId is not null && FlagCallers.IdOf(anonymousId) is null)
            return Api.Invalid("anonymousId", "must be 1 to 64 letters, digits, '.', '_' or '-'");
        // As the database has it now: what is being set is looked at, not what this replica read last.
        if (!FlagValidation.IsName(key) || await db.Flags.AsNoTracking().SingleOrDefaultAsync(f => f.Key == key, cancellationToken) is not { } row)
            return Api.NotFound();
        var subject = user is { } id
            ? FlagSubject.SignedIn(id, (roles ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), tenant)
            : FlagSubject.Anonymous(anonymousId, tenant);
        var place = environment ?? host.EnvironmentName;
        var decision = FlagEvaluation.Evaluate(row.Read(), subject, place);
        return Api.Ok(new FlagExplanation(
            key, decision.On, decision.Reason, decision.Rule, decision.Bucket, decision.Variant?.Name, decision.VariantBucket, decision.Variant?.Value, place));
    }
}

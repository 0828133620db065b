using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Gateway.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Usage;

/// <summary>Usage of a day, a route or an account, whichever was asked for; the other two are absent.</summary>
/// <param name="Day">UTC.</param>
/// <param name="Route">The proxy's route, or the template of one of the gateway's own; <c>none</c>: no route matched.</param>
/// <param name="User">The account; all zeros: not signed in.</param>
/// <param name="Requests">How many.</param>
/// <param name="ClientErrors">Answers of 400 to 499.</param>
/// <param name="ServerErrors">Answers of 500 and more.</param>
/// <param name="MeanMs">How long an answer took, on average.</param>
/// <param name="MaxMs">And at most.</param>
public sealed record UsageView(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? Day,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Route,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? User,
    long Requests, long ClientErrors, long ServerErrors, double MeanMs, double MaxMs);

internal static class QueryUsage
{
    public static void MapUsage(this IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/admin/gateway/usage", HandleAsync).WithTags("Usage").RequireAdministrator()
        .WithName("QueryUsage").WithSummary("Requests by day, route or account; the days from and to are included. The account of all zeros is whoever is not signed in.");

    public static async Task<Results<ApiPage<UsageView>, ApiProblem>> HandleAsync(
        [AsParameters] Paging paging, GatewayDbContext db, CancellationToken cancellationToken,
        [FromQuery] Guid? user = null, [FromQuery] string? route = null, [FromQuery] DateOnly? from = null, [FromQuery] DateOnly? to = null,
        [FromQuery] string? groupBy = null)
    {
        if (from > to)
            return Api.Invalid("to", "must not be before the beginning");
        var rows = db.Usage.AsNoTracking();
        if (user is not null)
            rows = rows.Where(u => u.UserId == user);
        if (route is not null)
            rows = rows.Where(u => u.Route == route);
        if (from is not null)
            rows = rows.Where(u => u.Day >= from);
        if (to is not null)
            rows = rows.Where(u => u.Day <= to);
        return (groupBy ?? "day") switch
        {
            "day" => await PageAsync(rows.GroupBy(u => u.Day).OrderByDescending(g => g.Key), (day, t) => View(day, null, null, t), paging, cancellationToken),
            "route" => await PageAsync(ByRequests(rows.GroupBy(u => u.Route)), (name, t) => View(null, name, null, t), paging, cancellationToken),
            "user" => await PageAsync(ByRequests(rows.GroupBy(u => u.UserId)), (id, t) => View(null, null, id, t), paging, cancellationToken),
            _ => Api.Invalid("groupBy", "must be day, route or user"),
        };
    }

    private static IOrderedQueryable<IGrouping<TKey, UsageDay>> ByRequests<TKey>(IQueryable<IGrouping<TKey, UsageDay>> groups) =>
        groups.OrderByDescending(g => g.Sum(u => u.Requests)).ThenBy(g => g.Key);

    private static async Task<ApiPage<UsageView>> PageAsync<TKey>(
        IOrderedQueryable<IGrouping<TKey, UsageDay>> groups, Func<TKey, UsageTotals, UsageView> view, Paging paging, CancellationToken cancellationToken)
    {
        var total = await groups.LongCountAsync(cancellationToken);
        var page = await groups.Skip(paging.Skip).Take(paging.Size)
            .Select(g => new
            {
                g.Key,
                Requests = g.Sum(u => u.Requests),
                ClientErrors = g.Sum(u => u.ClientErrors),
                ServerErrors = g.Sum(u => u.ServerErrors),
                DurationMs = g.Sum(u => u.DurationMs),
                MaxDurationMs = g.Max(u => u.MaxDurationMs),
            })
            .ToListAsync(cancellationToken);
        return Api.Page<UsageView>([.. page.Select(g => view(g.Key, new(g.Requests, g.ClientErrors, g.ServerErrors, g.DurationMs, g.MaxDurationMs)))], paging, total);
    }

    private static UsageView View(DateOnly? day, string? route, Guid? user, UsageTotals totals) => new(
        day, route, user, totals.Requests, totals.ClientErrors, totals.ServerErrors, Math.Round(totals.DurationMs / totals.Requests, 2), Math.Round(totals.MaxDurationMs, 2));
}

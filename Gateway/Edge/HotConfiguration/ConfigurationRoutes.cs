using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Gateway.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Validation;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>What shall lie over the deployed configuration.</summary>
/// <param name="Document">The sections that are changed, as in appsettings.json. A list replaces the one below, null takes a route, a cluster or a destination away.</param>
/// <param name="Note">Why; at most 500 characters.</param>
public sealed record ConfigurationRequest(JsonObject? Document, string? Note = null);

/// <summary>The overlay.</summary>
/// <param name="Version">The number that was set last, from 1; 0: none ever was.</param>
/// <param name="InForce">The number in force on the replica that answers.</param>
/// <param name="Document">The overlay that was set last.</param>
/// <param name="Refused">Why this replica does not take it; empty: it does.</param>
public sealed record ConfigurationView(int Version, int InForce, JsonElement Document, IReadOnlyList<FailureDetail> Refused);

/// <summary>One overlay that was set.</summary>
/// <param name="Version">Its number.</param>
/// <param name="At">UTC.</param>
/// <param name="Actor">Who; null once they were erased.</param>
/// <param name="Note">Why.</param>
/// <param name="Document">The overlay.</param>
public sealed record ConfigurationVersionView(int Version, DateTime At, Guid? Actor, string? Note, JsonElement Document);

/// <summary>A document that may be set as it is.</summary>
/// <param name="Valid">Always true; one that may not is answered with 422.</param>
public sealed record ConfigurationVerdict(bool Valid);

internal static class ConfigurationRoutes
{
    private const int _longestNote = 500;

    public static void MapConfiguration(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/admin/gateway/configuration").WithTags("Configuration");
        var read = group.MapGroup("").RequireOperator();
        read.MapGet("", GetAsync).WithName("GetConfiguration").WithSummary("What lies over the deployed configuration.");
        read.MapGet("/history", HistoryAsync).WithName("GetConfigurationHistory").WithSummary("Every overlay that was set, the latest first.");
        var write = group.MapGroup("").RequireAdministrator();
        write.MapPut("", PutAsync).WithName("PutConfiguration").WithSummary("Replaces the overlay, if all of it is good.");
        write.MapPost("/validate", ValidateAsync).WithName("ValidateConfiguration").WithSummary("Says what setting a document would be refused for, and changes nothing.");
        write.MapPost("/rollback/{version}", RollBackAsync).WithName("RollBackConfiguration")
            .WithSummary("Sets an earlier overlay again, under a new number; 0 is the deployed configuration as it is.");
    }

    private static async Task<ApiOk<ConfigurationView>> GetAsync(GatewayDbContext db, ConfigurationStore store, CancellationToken cancellationToken)
    {
        var latest = await db.ConfigurationVersions.AsNoTracking().OrderByDescending(v => v.Number).FirstOrDefaultAsync(cancellationToken);
        return View(latest, store);
    }

    private static async Task<ApiPage<ConfigurationVersionView>> HistoryAsync([AsParameters] Paging paging, GatewayDbContext db, CancellationToken cancellationToken)
    {
        var total = await db.ConfigurationVersions.LongCountAsync(cancellationToken);
        var page = await db.ConfigurationVersions.AsNoTracking().OrderByDescending(v => v.Number).Skip(paging.Skip).Take(paging.Size).ToListAsync(cancellationToken);
        return Api.Page<ConfigurationVersionView>(
            [.. page.Select(v => new ConfigurationVersionView(v.Number, v.At, v.Actor, v.Note, JsonElement.Parse(v.Document)))], paging, total);
    }

    private static async Task<Results<ApiOk<ConfigurationVerdict>, ApiProblem>> ValidateAsync(
        ConfigurationRequest request, ConfigurationStore store, CancellationToken cancellationToken)
    {
        var faults = await FaultsAsync(request, store, cancellationToken);
        return faults.Count > 0 ? Refused(faults) : Api.Ok(new ConfigurationVerdict(true));
    }

    private static async Task<Results<ApiOk<ConfigurationView>, ApiProblem>> PutAsync(
        ConfigurationRequest request, HttpRequest http, ClaimsPrincipal user, GatewayDbContext db, ConfigurationStore store, TimeProvider time,
        CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await ChangeFeed.TakeTurnAsync(db, cancellationToken);
        var current = await CurrentAsync(db, cancellationToken);
        if (EntityTag.IfMatchFails(http, (uint)current) is { } stale)
            return stale;
        if (await FaultsAsync(request, store, cancellationToken) is { Count: > 0 } faults)
            return Refused(faults);
        return await SetAsync(
            new()
            {
                Number = current + 1,
                Document = request.Document!.ToJsonString(),
                At = time.GetDatabaseNow(),
                Actor = user.UserId(),
                Note = PlainText.Clean(request.Note),
            },
            db, store, cancellationToken);
    }

    private static async Task<Results<ApiOk<ConfigurationView>, ApiProblem>> RollBackAsync(
        string version, HttpRequest http, ClaimsPrincipal user, GatewayDbContext db, ConfigurationStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return Api.NotFound();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await ChangeFeed.TakeTurnAsync(db, cancellationToken);
        var current = await CurrentAsync(db, cancellationToken);
        if (EntityTag.IfMatchFails(http, (uint)current) is { } stale)
            return stale;
        var earlier = number == 0 ? "{}" : await db.ConfigurationVersions.Where(v => v.Number == number).Select(v => v.Document).SingleOrDefaultAsync(cancellationToken);
        if (earlier is null)
            return Api.NotFound();
        // What was good then need not be good over what is deployed now.
        if (await store.CheckAsync(JsonElement.Parse(earlier), cancellationToken) is { Count: > 0 } faults)
            return Refused(faults);
        return await SetAsync(
            new() { Number = current + 1, Document = earlier, At = time.GetDatabaseNow(), Actor = user.UserId(), Note = $"Back to version {number}" },
            db, store, cancellationToken);
    }

    /// <summary>Commits it, and with it the caller's transaction, and brings it into force here before anything is answered.</summary>
    private static async Task<ApiOk<ConfigurationView>> SetAsync(ConfigurationVersion next, GatewayDbContext db, ConfigurationStore store, CancellationToken cancellationToken)
    {
        db.ConfigurationVersions.Add(next);
        await db.SaveChangesAsync(cancellationToken);
        await ChangeFeed.AnnounceAsync(db, cancellationToken);
        await db.Database.CurrentTransaction!.CommitAsync(cancellationToken);
        await store.RefreshAsync(cancellationToken);
        return View(next, store);
    }

    private static async Task<IReadOnlyList<FailureDetail>> FaultsAsync(ConfigurationRequest request, ConfigurationStore store, CancellationToken cancellationToken)
    {
        var faults = new List<FailureDetail>();
        if (request.Note is { } note && PlainText.FindFault(note, _longestNote, lines: true) is { } fault)
            faults.Add(new("note", fault));
        if (request.Document is not { } document)
            faults.Add(new("document", "is required"));
        else if (ToElement(document) is not { } element)
            faults.Add(new("document", "holds text that is none"));
        else
            faults.AddRange(await store.CheckAsync(element, cancellationToken));
        return faults;
    }

    /// <returns>Null for half a character, which JSON can spell and nothing can keep.</returns>
    private static JsonElement? ToElement(JsonObject document)
    {
        try
        {
            return JsonSerializer.SerializeToElement(document);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<int> CurrentAsync(GatewayDbContext db, CancellationToken cancellationToken) =>
        await db.ConfigurationVersions.MaxAsync(v => (int?)v.Number, cancellationToken) ?? 0;

    private static ApiOk<ConfigurationView> View(ConfigurationVersion? version, ConfigurationStore store)
    {
        var number = version?.Number ?? 0;
        return Api.Ok(new ConfigurationView(number, store.InForce, JsonElement.Parse(version?.Document ?? "{}"), store.Refused)).WithVersion((uint)number);
    }

    private static ApiProblem Refused(IReadOnlyList<FailureDetail> faults) =>
        Api.Invalid("CONFIGURATION_REFUSED", "The configuration is not good; the one before stays.", [.. faults]);
}

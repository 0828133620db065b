using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// What operators do with the events of a service, under <c>/api/v1/admin/{service}/events</c>. Every service with messaging has it; what holds a message's
/// body, or destroys one, is for administrators alone.
/// </summary>
internal static partial class EventRoutes
{
    private const int _mostIds = 100;

    public static void MapEventAdministration(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(DeadLetterBox)))
            return;
        var service = app.Services.GetRequiredService<ServiceIdentity>().Name;
        Map(app, service);
        RebuildRoutes.Map(app, service, app.Services);
    }

    private static void Map(IEndpointRouteBuilder routes, string service)
    {
        // An operation's name is unique in the merged document of all services.
        var of = "Of" + char.ToUpperInvariant(service[0]) + service[1..];
        var events = routes.MapGroup($"/api/v1/admin/{service}/events").WithTags("Events");
        var operators = events.MapGroup("").RequireOperator();
        operators.MapGet("/dead", ListDeadAsync).WithName("ListDeadEvents" + of)
            .WithSummary("Events that went no further, oldest first: kind=dead for dead letters, kind=set-aside for those that could not be published.");
        operators.MapPost("/dead/{id:guid}/replay", ReplayOneAsync).WithName("ReplayDeadEvent" + of)
            .WithSummary("Puts a dead letter back into the queue, or hands a set-aside event to the relay again. However often: it takes effect once.");
        operators.MapPost("/dead/replay", ReplayAllAsync).WithName("ReplayDeadEvents" + of)
            .WithSummary("The same for all that stopped before a moment (now), a thousand at a time; remaining tells whether to call again.");
        operators.MapGet("/{eventId:guid}", GetEventAsync).WithName("GetEvent" + of).WithSummary("What this service knows of one event.");
        operators.MapGet("", FindEventsAsync).WithName("FindEvents" + of)
            .WithSummary("What this service knows of the events of one request (correlationId), or of up to 100 events (ids, separated by commas).");
        var administrators = events.MapGroup("").RequireAdministrator();
        administrators.MapGet("/dead/{id:guid}", GetDeadAsync).WithName("GetDeadEvent" + of)
            .WithSummary("A dead letter or a set-aside event with its headers, body (64 KiB of it) and stack.");
        administrators.MapDelete("/dead/{id:guid}", DiscardAsync).WithName("DiscardDeadEvent" + of)
            .WithSummary("Destroys a dead letter, or a set-aside event, for good. Who did it stands in the log.");
    }

    private static async Task<Results<ApiPage<DeadEvent>, ApiProblem>> ListDeadAsync(
        [AsParameters] Paging paging, DeadLetterBox box, SetAsideEvents setAside, CancellationToken cancellationToken, string? kind = null)
    {
        if (kind is not (null or "dead" or "set-aside"))
            return Api.Invalid("kind", "is dead or set-aside");
        List<DeadEvent> events = [];
        long unread = 0;
        if (kind is not "dead")
            events.AddRange(await setAside.ListAsync(cancellationToken));
        if (kind is not "set-aside")
        {
            unread = await box.OpenAsync(async letters =>
            {
                var read = await letters.ReadAsync(cancellationToken);
                events.AddRange(read.Select(letter => letter.Event));
                return letters.Depth - read.Count;
            }, cancellationToken);
        }
        return Api.Page([.. events.OrderBy(e => e.At ?? DateTime.MinValue).Skip(paging.Skip).Take(paging.Size)], paging, events.Count + unread);
    }

    private static async Task<Results<ApiOk<DeadEventDetail>, ApiProblem>> GetDeadAsync(
        Guid id, DeadLetterBox box, SetAsideEvents setAside, CancellationToken cancellationToken)
    {
        if (await setAside.FindAsync(id, cancellationToken) is { } unpublished)
            return Api.Ok(unpublished);
        var found = await box.OpenAsync(async letters =>
        {
            var same = await letters.FindAsync(id, cancellationToken);
            return same.Count == 0 ? null : same[^1].Describe(same.Count);
        }, cancellationToken);
        return found is null ? Api.NotFound() : Api.Ok(found);
    }

    private static async Task<Results<ApiOk<ReplayOutcome>, ApiProblem>> ReplayOneAsync(
        Guid id, DeadLetterBox box, SetAsideEvents setAside, ClaimsPrincipal user, TimeProvider time, ILogger<DeadLetterBox> logger, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var released = await setAside.ReleaseAsync(id, now, cancellationToken);
        var replayed = released > 0 ? 0 : await box.OpenAsync(
            async letters => await letters.ReplayAsync(await letters.FindAsync(id, cancellationToken)), cancellationToken);
        if (released + replayed == 0)
            return Api.NotFound();
        Replayed(logger, replayed, released, user.UserId());
        return Api.Ok(new ReplayOutcome(replayed, released, 0, now));
    }

    private static async Task<Results<ApiOk<ReplayOutcome>, ApiProblem>> ReplayAllAsync(
        DeadLetterBox box, SetAsideEvents setAside, ClaimsPrincipal user, TimeProvider time, ILogger<DeadLetterBox> logger, CancellationToken cancellationToken,
        DateTimeOffset? before = null)
    {
        var now = time.GetUtcNow();
        // What dies again after the replay began is not replayed with it, or a letter whose cause persists would go round for ever.
        var limit = (before < now ? before.Value : now).UtcDateTime;
        var released = await setAside.ReleaseAsync(id: null, limit, cancellationToken);
        var (replayed, remaining) = await box.OpenAsync(async letters =>
        {
            var read = await letters.ReadAsync(cancellationToken);
            var due = read.Where(letter => letter.Event.At is not { } at || at < limit).ToList();
            var back = await letters.ReplayAsync(due);
            return (back, letters.Depth - read.Count + due.Count - back);
        }, cancellationToken);
        if (replayed + released > 0)
            Replayed(logger, replayed, released, user.UserId());
        return Api.Ok(new ReplayOutcome(replayed, released, remaining, limit));
    }

    private static async Task<Results<NoContent, ApiProblem>> DiscardAsync(
        Guid id, DeadLetterBox box, SetAsideEvents setAside, ClaimsPrincipal user, ILogger<DeadLetterBox> logger, CancellationToken cancellationToken)
    {
        var discarded = await setAside.DiscardAsync(id, cancellationToken) ? 1 : await box.OpenAsync(async letters =>
        {
            var same = await letters.FindAsync(id, cancellationToken);
            foreach (var letter in same)
                await letters.RemoveAsync(letter);
            return same.Count;
        }, cancellationToken);
        if (discarded == 0)
            return Api.NotFound();
        Discarded(logger, id, discarded, user.UserId());
        return TypedResults.NoContent();
    }

    private static async Task<Results<ApiOk<LedgerShare>, ApiProblem>> GetEventAsync(Guid eventId, DeliveryLedger ledger, CancellationToken cancellationToken)
    {
        var share = await ledger.OfAsync([eventId], cancellationToken);
        return share.Published.Count + share.Received.Count == 0 ? Api.NotFound() : Api.Ok(share);
    }

    private static async Task<Results<ApiOk<LedgerShare>, ApiProblem>> FindEventsAsync(
        DeliveryLedger ledger, CancellationToken cancellationToken, string? correlationId = null, string? ids = null)
    {
        if (correlationId is null == ids is null)
            return Api.Invalid(new FailureDetail("correlationId", "or ids is needed, and not both"), new FailureDetail("ids", "or correlationId is needed, and not both"));
        if (correlationId is not null)
        {
            return Correlation.IsValid(correlationId)
                ? Api.Ok(await ledger.OfAsync(correlationId, cancellationToken))
                : Api.Invalid("correlationId", "has 1 to 128 of A-Z a-z 0-9 . _ -");
        }
        var words = ids!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var parsed = words.Select(word => Guid.TryParse(word, out var id) ? id : Guid.Empty).Distinct().ToArray();
        return parsed.Length is 0 or > _mostIds || parsed.Contains(Guid.Empty)
            ? Api.Invalid("ids", $"are 1 to {_mostIds} UUIDs, separated by commas")
            : Api.Ok(await ledger.OfAsync(parsed, cancellationToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Replayed} dead letters replayed and {Released} set-aside events released by {User}")]
    private static partial void Replayed(ILogger logger, int replayed, int released, Guid user);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Event {Id} discarded ({Copies} messages) by {User}")]
    private static partial void Discarded(ILogger logger, Guid id, int copies, Guid user);
}

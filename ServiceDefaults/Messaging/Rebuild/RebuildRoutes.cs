using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// What a rebuild needs of a service: its retained events, of every one; a shadow to bring them to, of one with a projection. For administrators, since events
/// hold personal data.
/// </summary>
internal static partial class RebuildRoutes
{
    private const string _lines = "application/x-ndjson";
    private const int _maxName = 100;

    public static void Map(IEndpointRouteBuilder routes, string service, IServiceProvider services)
    {
        var of = "Of" + char.ToUpperInvariant(service[0]) + service[1..];
        var events = routes.MapGroup($"/api/v1/admin/{service}/events").WithTags("Events").RequireAdministrator();
        events.MapGet("/retained", RetainedAsync).WithName("ReadRetainedEvents" + of).Produces<string>(contentType: _lines)
            .WithSummary("The events that this service recorded and still keeps, a line each, in the order of their ids: keys (commas between), after an id, until a moment.");
        if (!services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(ShadowRebuild)))
            return;
        events.MapPost("/shadow", BeginAsync).WithName("BeginShadow" + of)
            .WithSummary("Begins to rebuild this service's projection beside the live one, or goes on with a rebuild that is not finished.");
        events.MapGet("/shadow", FindAsync).WithName("GetShadow" + of).WithSummary("How far the rebuild is, and the comparison once there is one.");
        events.MapPut("/shadow/events", StageAsync).WithName("BringShadowEvents" + of).WithSummary("Brings retained events, a line each; however often.");
        events.MapPost("/shadow/comparison", CompareAsync).WithName("CompareShadow" + of)
            .WithSummary("Applies what was brought, in the order in which it was applied live, and compares table by table.");
        events.MapPost("/shadow/swap", SwapAsync).WithName("SwapShadow" + of)
            .WithSummary("Puts the rebuilt projection in the place of the live one. Refused while events of the live one are retained by nobody, unless acceptLoss.");
        events.MapDelete("/shadow", DropAsync).WithName("DropShadow" + of).WithSummary("Takes the rebuild away.");
    }

    private static async Task<Results<ContentHttpResult, FileContentHttpResult, ApiProblem>> RetainedAsync(
        OutboxArchive archive, CancellationToken cancellationToken, string? keys = null, Guid? after = null, DateTimeOffset? until = null, int? limit = null)
    {
        var wanted = (keys ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (wanted.Length is 0 or > _maxName)
            return Api.Invalid("keys", $"are 1 to {_maxName} routing keys, separated by commas");
        if (Array.Exists(wanted, key => key.Contains('\0')))
            return Api.Invalid("keys", "are <domain>.<entity>.<action>");
        var page = await archive.ReadAsync(
            after ?? Guid.Empty, wanted, until?.UtcDateTime ?? DateTime.MaxValue, Math.Clamp(limit ?? OutboxArchive.MaxEvents, 1, OutboxArchive.MaxEvents), cancellationToken);
        if (page.Count == 0)
            return TypedResults.Text("", _lines);
        var body = new MemoryStream(page.Sum(e => e.Envelope.Length + 1));
        foreach (var (_, envelope) in page)
        {
            if (body.Length > 0)
                body.WriteByte((byte)'\n');
            body.Write(envelope);
        }
        return TypedResults.Bytes(body.ToArray(), _lines);
    }

    private static async Task<Results<ApiOk<ShadowState>, ApiProblem>> BeginAsync(
        ShadowRebuild rebuild, ClaimsPrincipal user, ILogger<ShadowRebuild> logger, CancellationToken cancellationToken, DateTimeOffset? asOf = null)
    {
        // In whole microseconds, as the database keeps it: asked for again, it is the same moment.
        var moment = asOf?.UtcDateTime.AddTicks(-(asOf.Value.Ticks % TimeSpan.TicksPerMicrosecond));
        if (await rebuild.BeginAsync(moment, cancellationToken) is not { } state)
            return Busy();
        Begun(logger, state.Id, user.UserId());
        return Api.Ok(state);
    }

    private static async Task<Results<ApiOk<ShadowState>, ApiProblem>> FindAsync(ShadowRebuild rebuild, CancellationToken cancellationToken) =>
        await rebuild.FindAsync(cancellationToken) is { } state ? Api.Ok(state) : Api.NotFound();

    private static async Task<Results<ApiOk<StagedEvents>, ApiProblem>> StageAsync(
        HttpRequest request, ShadowRebuild rebuild, CancellationToken cancellationToken, string? source = null)
    {
        if (source is not { Length: > 0 and <= _maxName } || source.Contains('\0'))
            return Api.Invalid("source", $"has 1 to {_maxName} characters");
        var events = new List<(EventEnvelope, byte[])>();
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        foreach (var line in Lines(body.ToArray()))
        {
            try
            {
                events.Add((Wire.Read(line.Span), line.ToArray()));
            }
            catch (MalformedEventException e)
            {
                return Api.Invalid($"line {events.Count + 1}", e.Message);
            }
        }
        if (await rebuild.FindAsync(cancellationToken) is null)
            return Api.NotFound();
        return await rebuild.StageAsync(source, events, cancellationToken) is { } added
            ? Api.Ok(new StagedEvents(events.Count, added))
            : Api.Conflict("REBUILD_NOT_COLLECTING", "This rebuild takes no more events; begin another one.");
    }

    private static Task<Results<ApiAccepted<ShadowState>, ApiProblem>> CompareAsync(HttpRequest request, ShadowRebuild rebuild, CancellationToken cancellationToken) =>
        StartAsync(request, rebuild, swap: false, acceptLoss: false, cancellationToken);

    private static async Task<Results<ApiAccepted<ShadowState>, ApiProblem>> SwapAsync(
        HttpRequest request, ShadowRebuild rebuild, ClaimsPrincipal user, ILogger<ShadowRebuild> logger, CancellationToken cancellationToken, bool acceptLoss = false)
    {
        if (await rebuild.FindAsync(cancellationToken) is { } state)
        {
            if (state.AsOf is not null)
                return Api.Conflict("REBUILD_AS_OF", "A projection as of a moment lacks what came after it and is not put live.");
            Swapping(logger, state.Id, user.UserId(), acceptLoss);
        }
        return await StartAsync(request, rebuild, swap: true, acceptLoss, cancellationToken);
    }

    private static async Task<Results<ApiAccepted<ShadowState>, ApiProblem>> StartAsync(
        HttpRequest request, ShadowRebuild rebuild, bool swap, bool acceptLoss, CancellationToken cancellationToken)
    {
        if (await rebuild.FindAsync(cancellationToken) is not { } state)
            return Api.NotFound();
        if (state.Phase == ShadowPhase.Live)
            return Api.Conflict("REBUILD_LIVE", "This rebuild is live already; begin another one.");
        if (!await rebuild.StartAsync(swap, acceptLoss, cancellationToken))
            return Busy();
        var path = request.Path.Value!;
        return Api.Accepted(path[..path.LastIndexOf('/')], (await rebuild.FindAsync(cancellationToken)) ?? state);
    }

    private static async Task<Results<NoContent, ApiProblem>> DropAsync(
        ShadowRebuild rebuild, ClaimsPrincipal user, ILogger<ShadowRebuild> logger, CancellationToken cancellationToken)
    {
        if (await rebuild.FindAsync(cancellationToken) is not { } state)
            return Api.NotFound();
        if (!await rebuild.DropAsync(cancellationToken))
            return Busy();
        Dropped(logger, state.Id, user.UserId());
        return TypedResults.NoContent();
    }

    private static ApiProblem Busy() => Api.Conflict("REBUILD_BUSY", "Somebody is working at a rebuild of this service.");

    private static IEnumerable<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> body)
    {
        while (body.Length > 0)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            if (line.Length > 0)
                yield return line;
            body = end < 0 ? default : body[(end + 1)..];
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Rebuild {Id} begun, or gone on with, by {User}")]
    private static partial void Begun(ILogger logger, Guid id, Guid user);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Rebuild {Id} is to be put live, says {User} (loss accepted: {AcceptLoss})")]
    private static partial void Swapping(ILogger logger, Guid id, Guid user, bool acceptLoss);

    [LoggerMessage(Level = LogLevel.Information, Message = "Rebuild {Id} taken away by {User}")]
    private static partial void Dropped(ILogger logger, Guid id, Guid user);
}

/// <summary>What became of the events that were brought.</summary>
/// <param name="Read">How many there were.</param>
/// <param name="Added">How many of them were not known yet and are handled here.</param>
public sealed record StagedEvents(int Read, int Added);

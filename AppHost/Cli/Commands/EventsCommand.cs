using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using TalentSphere.Cli.Events;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh events</c>: what became of events, and what to do about those that went no further.</summary>
public static class EventsCommand
{
    /// <summary>The command and those below it.</summary>
    public static Command Create() => new("events", "What became of events, and what to do about those that went no further.")
    {
        CreateDead(), CreateShow(), CreateReplay(), CreateDiscard(), CreateTrace(), CreateRebuild(),
    };

    private static Command CreateDead()
    {
        var service = new Argument<string?>("service") { Description = "Only this service's.", Arity = ArgumentArity.ZeroOrOne };
        var json = Json();
        var command = new Command("dead", "Dead letters, and events that could not be published.") { service, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = await EventsApi.OpenAsync(parsed.GetValue(service), cancellationToken);
            var lists = await Task.WhenAll(api.Services.Select(s => ListAsync(api, s, cancellationToken)));
            var events = lists.SelectMany(l => l.Data!.Select(e => (l.Service, Event: e))).ToList();
            if (parsed.GetValue(json))
                Write(new { events = events.Select(e => new { e.Service, e.Event }), away = lists.Where(l => l.Away is not null).Select(l => l.Service) });
            else
                Print(events);
            return TellAway(lists) ? 1 : 0;
        });
        return command;
    }

    private static Command CreateShow()
    {
        var id = Id();
        var json = Json();
        var command = new Command("show", "All of one: its headers, its body, its stack. Personal data may be in it.") { id, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = await EventsApi.OpenAsync(service: null, cancellationToken);
            var answers = await api.AskAsync<DeadEventDetail>($"/dead/{parsed.GetValue(id)}", cancellationToken);
            var found = answers.Where(a => a.Data is not null).ToList();
            if (found.Count == 0)
                throw Unknown(parsed.GetValue(id), answers);
            if (parsed.GetValue(json))
                Write(found.Select(f => new { f.Service, f.Data!.Event, f.Data.Copies, f.Data.Stack, f.Data.MessageId, f.Data.ContentType, f.Data.Headers, f.Data.Body }));
            else
                found.ForEach(f => Print(f.Service, f.Data!));
            return 0;
        });
        return command;
    }

    private static Command CreateReplay()
    {
        var all = new Option<bool>("--all") { Description = "All of them, instead of one." };
        var words = new Argument<string[]>("id") { Description = "Which one, then optionally the service; with --all the service alone.", Arity = new ArgumentArity(0, 2) };
        var json = Json();
        var command = new Command("replay", "Put dead letters back into their service's queue, and hand set-aside events to the relay again. However often: each takes effect once.")
        {
            words, all, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string[] given = [.. parsed.GetValue(words) ?? []];
            var everything = parsed.GetValue(all);
            if (given.Length > (everything ? 1 : 2) || (given.Length == 0 && !everything))
                throw new MeshException("say which event, or --all: ./mesh events replay <id|--all> [service]");
            Guid id = default;
            if (!everything && !Guid.TryParse(given[0], out id))
                throw new MeshException($"'{given[0]}' is no event's id");
            using var api = await EventsApi.OpenAsync(given.Length > (everything ? 0 : 1) ? given[^1] : null, cancellationToken);
            var answers = await Task.WhenAll(api.Services.Select(s => everything ? ReplayAllAsync(api, s, cancellationToken)
                : api.SendAsync<ReplayOutcome>(HttpMethod.Post, s, $"/dead/{id}/replay", cancellationToken)));
            if (!everything && Array.TrueForAll(answers, a => a.Data is null))
                throw Unknown(id, answers);
            var done = answers.Where(a => a.Data is not null).ToList();
            if (parsed.GetValue(json))
                Write(done.Select(a => new { a.Service, a.Data!.Replayed, a.Data.Released }));
            else
                Print(done);
            return TellAway(answers) ? 1 : 0;
        });
        return command;
    }

    private static Command CreateDiscard()
    {
        var id = Id();
        var command = new Command("discard", "Destroy one for good; the service's log keeps who did it.") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = await EventsApi.OpenAsync(service: null, cancellationToken);
            var answers = await Task.WhenAll(
                api.Services.Select(s => api.SendAsync<JsonElement?>(HttpMethod.Delete, s, $"/dead/{parsed.GetValue(id)}", cancellationToken)));
            if (Array.TrueForAll(answers, a => !a.Succeeded))
                throw Unknown(parsed.GetValue(id), answers);
            foreach (var answer in answers.Where(a => a.Succeeded))
                Console.WriteLine($"{answer.Service}: discarded");
            return TellAway(answers) ? 1 : 0;
        });
        return command;
    }

    private static Command CreateTrace()
    {
        var id = new Argument<string>("id") { Description = "An event's id, or a request's correlation id." };
        var json = Json();
        var command = new Command("trace", "Where an event, or everything that follows from a request, is: emitted, published, and per subscriber applied, retried, dead.")
        {
            id, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = await EventsApi.OpenAsync(service: null, cancellationToken);
            var trace = await Trace.FollowAsync(api, parsed.GetRequiredValue(id), cancellationToken);
            if (trace.Events.Count == 0)
            {
                var away = trace.Away.Count == 0 ? "" : $" ({string.Join(", ", trace.Away)} away)";
                throw new MeshException($"no service knows an event or a request '{trace.Asked}'{away}");
            }
            if (parsed.GetValue(json))
                Write(trace);
            else
                Print(trace);
            return 0;
        });
        return command;
    }

    private static Command CreateRebuild()
    {
        var service = new Argument<string>("service") { Description = "Whose projection: gamification or notification." };
        var into = new Option<string>("--into") { Description = "Where to; the live one is left alone.", DefaultValueFactory = _ => "shadow" };
        into.AcceptOnlyFromAmong("shadow");
        var asOf = new Option<DateTimeOffset?>("--as-of") { Description = "Only events up to this moment; then nothing is compared." };
        var swap = new Option<bool>("--swap") { Description = "Put the rebuilt projection live, while everything is read on." };
        var acceptLoss = new Option<bool>("--accept-loss") { Description = "Swap also when effects would go whose events are no longer retained." };
        var keep = new Option<bool>("--keep") { Description = "Leave the shadow there to be looked at; otherwise it goes, with the personal data in it." };
        var json = Json();
        var command = new Command("rebuild", "Rebuild a projection from the retained events beside the live one, and compare the two by hash.")
        {
            service, into, asOf, swap, acceptLoss, keep, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(swap) && parsed.GetValue(asOf) is not null)
                throw new MeshException("a projection as of a moment lacks what came after it: --as-of and --swap do not go together");
            using var api = await EventsApi.OpenAsync(service: null, cancellationToken);
            var target = parsed.GetRequiredValue(service);
            if (!api.Services.Contains(target))
                throw new MeshException($"there is no service '{target}'; there are {string.Join(", ", api.Services)}");
            var outcome = await new ProjectionRebuild(api, target, parsed.GetValue(asOf))
                .RunAsync(parsed.GetValue(swap), parsed.GetValue(acceptLoss), parsed.GetValue(keep), cancellationToken);
            if (parsed.GetValue(json))
                Write(outcome);
            else
                outcome.Describe().ToList().ForEach(Console.WriteLine);
            return outcome.Equal == false && !outcome.Swapped ? 1 : 0;
        });
        return command;
    }

    private static Option<bool> Json() => new("--json") { Description = "As JSON, for programs." };

    private static Argument<Guid> Id() => new("id") { Description = "As ./mesh events dead lists it." };

    private static async Task<ServiceAnswer<List<DeadEvent>>> ListAsync(EventsApi api, string service, CancellationToken cancellationToken)
    {
        var events = new List<DeadEvent>();
        for (var page = 1; ; page++)
        {
            var answer = await api.SendAsync<List<DeadEvent>>(HttpMethod.Get, service, $"/dead?limit=100&page={page}", cancellationToken);
            events.AddRange(answer.Data ?? []);
            if (answer.Data is null or { Count: 0 } || events.Count >= answer.Total)
                return answer with { Data = events };
        }
    }

    private static async Task<ServiceAnswer<ReplayOutcome>> ReplayAllAsync(EventsApi api, string service, CancellationToken cancellationToken)
    {
        var answer = await api.SendAsync<ReplayOutcome>(HttpMethod.Post, service, "/dead/replay", cancellationToken);
        var sum = answer.Data;
        while (answer.Data is { Remaining: > 0, Replayed: > 0 } so)
        {
            answer = await api.SendAsync<ReplayOutcome>(HttpMethod.Post, service, $"/dead/replay?before={so.Before:O}", cancellationToken);
            if (answer.Data is { } more)
                sum = sum! with { Replayed = sum.Replayed + more.Replayed, Released = sum.Released + more.Released, Remaining = more.Remaining };
        }
        return answer with { Data = sum };
    }

    private static MeshException Unknown<T>(Guid id, IReadOnlyList<ServiceAnswer<T>> answers)
    {
        var away = answers.Where(a => a.Away is not null).Select(a => a.Service).ToList();
        return new($"no service has a dead letter or a set-aside event '{id}'" + (away.Count == 0 ? "" : $" ({string.Join(", ", away)} could not be asked)"));
    }

    private static bool TellAway<T>(IEnumerable<ServiceAnswer<T>> answers)
    {
        var away = answers.Where(a => a.Away is not null).ToList();
        foreach (var answer in away)
            Console.Error.WriteLine($"mesh: {answer.Service} could not be asked: {answer.Away}");
        return away.Count > 0;
    }

    private static void Write<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value, EventsApi.Json));

    private static string Time(DateTime? time) => time?.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? "";

    private static void Print(List<(string Service, DeadEvent Event)> events)
    {
        if (events.Count == 0)
        {
            Console.WriteLine("None: every event has gone where it belongs, or is on its way.");
            return;
        }
        var table = new Table().Border(TableBorder.None).AddColumns("SERVICE", "KIND", "ID", "EVENT", "TRIES", "SINCE", "BYTES", "REASON");
        foreach (var (service, e) in events)
        {
            string[] cells = [service, e.Kind, e.Id.ToString(), e.EventType ?? "", $"{e.Attempts}", Time(e.At), $"{e.Size}", e.Reason.Split('\n')[0]];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }
        // A pipe has no width: lines are not to be broken for it.
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, Console.IsOutputRedirected ? 2000 : 200);
        AnsiConsole.Write(table);
    }

    private static void Print(string service, DeadEventDetail detail)
    {
        var e = detail.Event;
        (string Name, string? Value)[] lines =
        [
            ("service", service), ("kind", e.Kind), ("id", e.Id.ToString()), ("event", e.EventType), ("subject", e.Subject), ("correlation id", e.CorrelationId),
            ("reason", e.Reason), ("tries", $"{e.Attempts}"), ("since", Time(e.At)), ("copies", $"{detail.Copies}"), ("message id", detail.MessageId),
            ("content type", detail.ContentType), ("bytes", $"{e.Size}"),
        ];
        foreach (var (name, value) in lines.Where(l => !string.IsNullOrEmpty(l.Value)))
            Console.WriteLine($"{name,-16}{value}");
        foreach (var header in detail.Headers)
            Console.WriteLine($"{"header",-16}{header.Name}: {header.Value}");
        Console.WriteLine();
        Console.WriteLine(detail.Body.Json is { } json ? JsonSerializer.Serialize(json, EventsApi.Json) : detail.Body.Text ?? "base64 " + detail.Body.Base64);
        if (detail.Body.Cut)
            Console.WriteLine("… (cut)");
        if (detail.Stack is not null)
            Console.WriteLine($"\n{detail.Stack}");
    }

    private static void Print(List<ServiceAnswer<ReplayOutcome>> done)
    {
        foreach (var answer in done.Where(a => a.Data!.Replayed + a.Data.Released > 0))
            Console.WriteLine($"{answer.Service}: dead letters replayed: {answer.Data!.Replayed}, set-aside events released: {answer.Data.Released}");
        if (done.TrueForAll(a => a.Data!.Replayed + a.Data.Released == 0))
            Console.WriteLine("There was nothing to replay.");
    }

    private static void Print(Trace trace)
    {
        foreach (var e in trace.Events)
        {
            Console.WriteLine($"{e.EventType ?? "unknown"}  {e.Id}" + (e.Subject is null ? "" : $"  subject {e.Subject}"));
            Console.WriteLine($"  {"emitted",-14} " + (e.EmittedBy is null ? "by none of the services that answered" : $"by {e.EmittedBy} at {Time(e.RecordedAt)}, {Publication(e)}"));
            foreach (var subscriber in e.Subscribers.Where(s => s.State != "not-subscribed"))
                Console.WriteLine($"  {subscriber.Service,-14} {subscriber.Describe()}");
            var others = e.Subscribers.Where(s => s.State == "not-subscribed").Select(s => s.Service).ToList();
            if (others.Count > 0)
                Console.WriteLine($"  {"not subscribed",-14} {string.Join(", ", others)}");
        }
        if (trace.More)
            Console.WriteLine("… and more events than are told here");
        foreach (var service in trace.Away)
            Console.Error.WriteLine($"mesh: {service} is away: what it knows is missing here");
    }

    private static string Publication(TracedEvent e) => e switch
    {
        { SetAside: { } reason } => $"set aside: {reason}",
        { PublishedAt: { } at, RecordedAt: { } recorded } => $"published +{Math.Max(0, (at - recorded).TotalMilliseconds):0.#} ms",
        _ => "not published yet",
    };
}

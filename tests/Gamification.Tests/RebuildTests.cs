using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TalentSphere.Contracts;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Challenges;
using TalentSphere.Contracts.Lms;
using TalentSphere.Gamification.Data;
using TalentSphere.TestKit;

namespace TalentSphere.Gamification.Tests;

public sealed class RebuildTests : IClassFixture<RebuildFixture>
{
    private static readonly string[] _tables = ["learners", "ledger", "earned_badges", "solutions"];

    private readonly RebuildFixture _service;
    private readonly RebuildDriver _rebuild;
    private readonly Guid _user = Guid.CreateVersion7();

    public RebuildTests(RebuildFixture service)
    {
        _service = service;
        _rebuild = new(service.SignedIn(Guid.CreateVersion7(), Roles.Admin), "gamification");
    }

    [Fact]
    public async Task What_is_rebuilt_from_the_events_equals_the_live_one_in_every_row()
    {
        await TellAsync(_user);
        await _rebuild.BeginAnewAsync();
        // The order in which events are brought says nothing: they are applied in the order in which they arrived.
        await _rebuild.BringAsync(Heard().AsEnumerable().Reverse());

        var state = (await _rebuild.CompareAsync()).Data;

        state["phase"]!.GetValue<string>().ShouldBe("compared", state.ToJsonString());
        state["tables"]!.AsArray().Select(t => t!["table"]!.GetValue<string>()).ShouldBe(_tables);
        state["tables"]!.AsArray().ShouldAllBe(t => t!["equal"]!.GetValue<bool>() && t["liveRows"]!.GetValue<int>() > 0, state.ToJsonString());
        state["notRetained"]!.GetValue<int>().ShouldBe(0);
        state["applied"]!.GetValue<int>().ShouldBe(await CountAsync("inbox_messages"));
    }

    [Fact]
    public async Task Points_that_were_taken_back_and_given_again_come_out_the_same()
    {
        await TellAsync(_user);
        var (challenge, submission) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await _service.HandledAsync(attempt % 2 == 1
                ? await _service.Events.PublishAsync(new SubmissionApproved(submission, _user, challenge, "Top words", "accepted", 50, 12, 9000, attempt))
                : await _service.Events.PublishAsync(new SubmissionRejected(submission, _user, challenge, "Top words", "wrong-answer", 12, 9000, attempt)));
        }
        await _service.HasPointsAsync(_user, 380);
        await EqualsAsync();
    }

    [Fact]
    public async Task A_row_changed_by_hand_is_found_and_put_right_while_everything_is_read()
    {
        await TellAsync(_user);
        await _service.PlacedAsync(_user);
        var board = await _service.SignedIn(_user).AskAsync("/api/v1/gamification/leaderboard?limit=100");
        await _rebuild.BeginAnewAsync();
        await _rebuild.BringAsync(Heard());
        await ExecuteAsync("UPDATE learners SET challenges = 99 WHERE user_id = $1", _user);
        await ExecuteAsync("DELETE FROM earned_badges WHERE user_id = $1 AND badge = 'first-lesson'", _user);

        var state = (await _rebuild.CompareAsync()).Data;

        Table(state, "ledger")["equal"]!.GetValue<bool>().ShouldBeTrue();
        var learners = Table(state, "learners");
        learners["equal"]!.GetValue<bool>().ShouldBeFalse();
        learners["changed"]!.GetValue<int>().ShouldBe(1);
        learners["differing"]!.AsArray().Single()!.GetValue<string>().ShouldContain(_user.ToString());
        Table(state, "earned_badges")["onlyShadow"]!.GetValue<int>().ShouldBe(1);

        using var reading = new CancellationTokenSource();
        var seen = new ConcurrentBag<(HttpStatusCode Status, int Points)>();
        var readers = Enumerable.Range(0, 3).Select(_ => ReadAsync(seen, reading.Token)).ToList();
        var swapped = await _rebuild.SwapAsync();
        var after = seen.Count;
        await Eventually.TrueAsync(() => seen.Count > after + 20, "reads after the exchange");
        await reading.CancelAsync();
        await Task.WhenAll(readers);

        swapped.Data["phase"]!.GetValue<string>().ShouldBe("live", swapped.Body);
        seen.Select(s => s.Status).Distinct().ShouldBe([HttpStatusCode.OK]);
        seen.Select(s => s.Points).Distinct().ShouldBe([330]);
        (await CountAsync("learners WHERE challenges = 99")).ShouldBe(0);
        (await CountAsync("earned_badges WHERE badge = 'first-lesson' AND user_id = $1", _user)).ShouldBe(1);
        (await _service.SignedIn(_user).AskAsync("/api/v1/gamification/leaderboard?limit=100")).Data.ToJsonString().ShouldBe(board.Data.ToJsonString());
        (await CountAsync("pg_namespace WHERE nspname IN ('shadow', 'replaced')")).ShouldBe(0);
        // The ledger still refuses to be changed, and still takes what comes.
        var refused = await Should.ThrowAsync<PostgresException>(() => ExecuteAsync("UPDATE ledger SET amount = 1 WHERE user_id = $1", _user));
        refused.SqlState.ShouldBe("23001");
        await _service.CompleteLessonAsync(_user);
        await _service.HasPointsAsync(_user, 350);
        await EqualsAsync();
    }

    [Fact]
    public async Task What_happens_while_a_rebuild_is_under_way_is_in_both()
    {
        await TellAsync(_user);
        var before = Heard();
        await _rebuild.BeginAnewAsync();
        var lessons = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _service.CompleteLessonAsync(_user)));
        await _rebuild.BringAsync(before);
        await _service.HandledAsync(lessons);

        var state = (await _rebuild.CompareAsync()).Data;

        state["tables"]!.AsArray().ShouldAllBe(t => t!["equal"]!.GetValue<bool>(), state.ToJsonString());
        (await _rebuild.BringAsync(before)).Code.ShouldBe("REBUILD_NOT_COLLECTING");
        var later = await _service.CompleteLessonAsync(_user);
        await _service.HandledAsync(later);
        (await _rebuild.SwapAsync()).Data["phase"]!.GetValue<string>().ShouldBe("live");
        await _service.HasPointsAsync(_user, 550);
        await EqualsAsync();
    }

    [Fact]
    public async Task A_rebuild_that_was_interrupted_goes_on_and_events_brought_twice_count_once()
    {
        await TellAsync(_user);
        var events = Heard();
        await _rebuild.BeginAnewAsync();
        await _rebuild.BringAsync(events.Take(events.Count / 2), "first");

        var again = (await _service.SignedIn(Guid.CreateVersion7(), Roles.Admin).PostAsync(_rebuild.Route)).Data;

        again["collected"]!["first"]!.GetValue<Guid>().ShouldBe(events.Take(events.Count / 2).Select(e => e.EventId).OrderBy(id => id.ToString(), StringComparer.Ordinal).Last());
        var brought = (await _rebuild.BringAsync(events.Concat(events), "second")).Data;
        brought["added"]!.GetValue<int>().ShouldBeLessThan(events.Count);
        // The process that is at it ends in the middle; what it has done stays done.
        await using (var other = new Replica(_service))
        {
            await other.StartAsync();
            (await new HttpClient { BaseAddress = other.ClientOptions.BaseAddress, DefaultRequestHeaders = { Authorization = new("Bearer", TestTokens.Mint(_user, Roles.Admin)) } }
                .PostAsync(_rebuild.Route + "/comparison")).Status.ShouldBe(HttpStatusCode.Accepted);
        }
        var state = (await _rebuild.CompareAsync()).Data;
        state["tables"]!.AsArray().ShouldAllBe(t => t!["equal"]!.GetValue<bool>(), state.ToJsonString());
    }

    [Fact]
    public async Task As_of_a_moment_only_what_happened_until_then_counts_and_cannot_be_put_live()
    {
        await TellAsync(_user);
        var last = Heard().Max(e => e.Timestamp);
        await _service.HandledAsync(await _service.CompleteLessonAsync(_user));
        await _rebuild.BeginAnewAsync($"?asOf={last:O}");
        await _rebuild.BringAsync(Heard());

        var state = (await _rebuild.CompareAsync()).Data;

        Table(state, "ledger")["shadowRows"]!.GetValue<int>().ShouldBeLessThan(await CountAsync("ledger"));
        state["tables"]!.AsArray().ShouldAllBe(t => t!["liveHash"] == null && t["equal"] == null);
        (await CountAsync("shadow.ledger WHERE user_id = $1", _user)).ShouldBe(4);
        (await _rebuild.SwapAsync()).Code.ShouldBe("REBUILD_AS_OF");
    }

    [Fact]
    public async Task Effects_of_events_that_nobody_keeps_are_counted_and_not_thrown_away_unasked()
    {
        await TellAsync(_user);
        var lost = Heard().Last(e => e.EventType == "lms.course.completed");
        await _rebuild.BeginAnewAsync();
        await _rebuild.BringAsync(Heard().Where(e => e.EventId != lost.EventId));

        var state = (await _rebuild.CompareAsync()).Data;

        state["notRetained"]!.GetValue<int>().ShouldBe(1);
        Table(state, "ledger")["onlyLive"]!.GetValue<int>().ShouldBeGreaterThanOrEqualTo(1);
        var refused = (await _rebuild.SwapAsync()).Data;
        refused["phase"]!.GetValue<string>().ShouldBe("failed");
        refused["error"]!.GetValue<string>().ShouldContain("no longer retained");
        (await CountAsync("ledger WHERE event_id = $1", lost.EventId)).ShouldBe(1);
        (await _rebuild.SwapAsync(acceptLoss: true)).Data["phase"]!.GetValue<string>().ShouldBe("live");
        (await CountAsync("ledger WHERE event_id = $1", lost.EventId)).ShouldBe(0);

        // Found again, it comes back with the next one.
        await _rebuild.BeginAnewAsync();
        await _rebuild.BringAsync(Heard());
        (await _rebuild.SwapAsync()).Data["phase"]!.GetValue<string>().ShouldBe("live");
        await _service.HasPointsAsync(_user, 330);
    }

    [Fact]
    public async Task Who_was_erased_stays_erased_in_a_rebuild_and_in_what_it_was_brought()
    {
        var name = $"Canary {_user:N}";
        await _service.HandledAsync(await _service.RegisterAsync(_user, name));
        await _service.HasPointsAsync(_user, 10);
        await Eventually.TrueAsync(() => Heard().Exists(e => e.Subject == _user.ToString()), "the tap to hear it too");
        await _rebuild.BeginAnewAsync();
        await _rebuild.BringAsync(Heard());
        var staged = $"rebuild.events WHERE position('{name}' IN convert_from(envelope, 'UTF8')) > 0";
        (await CountAsync(staged)).ShouldBe(1);

        await _service.HandledAsync(await _service.Events.PublishAsync(new UserDeleted(_user)));
        await _service.HandledAsync(await _service.RegisterAsync(_user, name), await _service.CompleteLessonAsync(_user));

        (await CountAsync(staged)).ShouldBe(0);
        var state = (await _rebuild.CompareAsync()).Data;
        state["tables"]!.AsArray().ShouldAllBe(t => t!["equal"]!.GetValue<bool>(), state.ToJsonString());
        (await CountAsync("shadow.learners WHERE display_name = $1", name)).ShouldBe(0);
    }

    [Fact]
    public async Task The_retained_events_come_page_by_page_with_nothing_left_out()
    {
        await TellAsync(_user);
        var admin = _service.SignedIn(Guid.CreateVersion7(), Roles.Admin);
        const string route = "/api/v1/admin/gamification/events/retained?keys=gamification.points.awarded,gamification.badge.earned";
        var read = new List<Guid>();
        while ((await admin.AskAsync($"{route}&limit=3&after={read.LastOrDefault()}")).Body is { Length: > 0 } page)
            read.AddRange(page.Split('\n').Select(line => JsonNode.Parse(line)!["eventId"]!.GetValue<Guid>()));

        read.Count.ShouldBe(await CountAsync("outbox_messages WHERE event_type IN ('gamification.points.awarded', 'gamification.badge.earned')"));
        read.Distinct().Count().ShouldBe(read.Count);
        (await admin.AskAsync($"{route}&until=2001-01-01T00:00:00Z")).Body.ShouldBeEmpty();
        (await admin.AskAsync("/api/v1/admin/gamification/events/retained")).Fields.ShouldBe(["keys"]);
    }

    [Fact]
    public async Task Only_administrators_rebuild_and_what_is_no_event_is_refused()
    {
        foreach (var client in (HttpClient[])[_service.SignedIn(_user), _service.SignedIn(_user, Roles.Ops)])
        {
            (await client.PostAsync(_rebuild.Route)).Status.ShouldBe(HttpStatusCode.Forbidden);
            (await client.AskAsync("/api/v1/admin/gamification/events/retained?keys=a.b.c")).Status.ShouldBe(HttpStatusCode.Forbidden);
        }
        (await _service.Anonymous().AskAsync(_rebuild.Route)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        await _rebuild.BeginAnewAsync();
        (await _rebuild.BringTextAsync("{}")).Fields.ShouldBe(["line 1"]);
        (await _rebuild.BringTextAsync("", source: "")).Fields.ShouldBe(["source"]);
        var admin = _service.SignedIn(_user, Roles.Admin);
        (await admin.RemoveAsync(_rebuild.Route)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await admin.RemoveAsync(_rebuild.Route)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _rebuild.LookAsync()).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _rebuild.CompareAsync()).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _rebuild.BringAsync([])).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    private static JsonNode Table(JsonNode state, string name) => state["tables"]!.AsArray().Single(t => t!["table"]!.GetValue<string>() == name)!;

    /// <summary>330 points by events of three publishers, and what the tap has heard of them.</summary>
    private async Task TellAsync(Guid user)
    {
        var course = Guid.CreateVersion7();
        Guid[] events =
        [
            await _service.RegisterAsync(user),
            await _service.CompleteLessonAsync(user, course),
            await _service.Events.PublishAsync(new SubmissionApproved(Guid.CreateVersion7(), user, Guid.CreateVersion7(), "Top words", "accepted", 100, 12, 9000)),
            await _service.Events.PublishAsync(new CourseCompleted(Guid.CreateVersion7(), user, course, "Memory", DateTime.UtcNow), correlationId: "not sane"),
        ];
        await _service.HasPointsAsync(user, 330);
        await Eventually.TrueAsync(() => events.All(id => _service.Events.Heard.Any(e => e.EventId == id)), "the tap to hear them too");
    }

    /// <summary>Every event that this service handles.</summary>
    private List<EventEnvelope> Heard() => [.. _service.Events.Heard.Where(e => !e.EventType.StartsWith("gamification.", StringComparison.Ordinal))];

    private async Task EqualsAsync()
    {
        await Eventually.SeesAsync(
            async () => (Heard().Count, Applied: await CountAsync("inbox_messages")), n => n.Count == n.Applied, "the tap to hear everything");
        await _rebuild.BeginAnewAsync();
        await _rebuild.BringAsync(Heard());
        var state = (await _rebuild.CompareAsync()).Data;
        state["tables"]!.AsArray().ShouldAllBe(t => t!["equal"]!.GetValue<bool>(), state.ToJsonString());
    }

    private async Task ReadAsync(ConcurrentBag<(HttpStatusCode Status, int Points)> seen, CancellationToken stop)
    {
        var client = _service.SignedIn(_user);
        while (!stop.IsCancellationRequested)
        {
            var me = await client.AskAsync("/api/v1/gamification/me");
            seen.Add((me.Status, me.Status == HttpStatusCode.OK ? me.Data["points"]!.GetValue<int>() : -1));
            var ledger = await client.AskAsync("/api/v1/gamification/ledger");
            seen.Add((ledger.Status, ledger.Status == HttpStatusCode.OK ? ledger.Data.AsArray().Sum(e => e!["amount"]!.GetValue<int>()) : -1));
        }
    }

    private async Task ExecuteAsync(string sql, params object[] values)
    {
        await using var connection = new NpgsqlConnection(_service.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync();
    }

    private async Task<int> CountAsync(string from, params object[] values)
    {
        await using var connection = new NpgsqlConnection(_service.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*)::int FROM " + from, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return (int)(await command.ExecuteScalarAsync())!;
    }
}

using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using TalentSphere.Cli.Demo;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>Whatever leaves a service keeps the contract that is committed under Contracts/schemas.</summary>
public sealed class EventContractTests(MeshFixture mesh)
{
    /// <summary>The events of one story. Whoever gives it another step knows which events come with that.</summary>
    private static readonly string[] _ofTheStory =
    [
        "auth.user.login", "auth.user.registered",
        "challenges.submission.approved", "challenges.submission.rejected", "challenges.submission.submitted", "challenges.testcase.failed", "challenges.testcase.passed",
        "gamification.badge.earned", "gamification.level.reached", "gamification.points.awarded",
        "jobs.application.statuschanged", "jobs.application.submitted", "jobs.application.viewed", "jobs.post.created",
        "lms.certificate.issued", "lms.course.completed", "lms.enrollment.created", "lms.lesson.completed", "lms.progress.updated",
        "notification.message.sent",
    ];

    /// <summary>What may go wrong with a message, and the words in which that is told.</summary>
    public static TheoryData<string, string> Faults => new()
    {
        { "no JSON", "is an invalid start of a value" },
        { "no envelope", "the value lacks eventId" },
        { "no timestamp", "the value lacks timestamp" },
        { "a local timestamp", "/timestamp is \"2026-11-20T09:30:00\" and no date-time" },
        { "a version zero", "/schemaVersion is 0 and less than 1" },
        { "data as text", "/data is \"x\" and not of type object" },
        { "no user", "data: the value lacks userId" },
        { "a user of another form", "data: /userId is \"u-1\" and no uuid" },
        { "a number as an address", "data: /ipAddress is 127 and not of type" },
        { "another message-id", "message-id is 'm-1' and not '" },
        { "another type", "type is 'auth.user.logout' and not 'auth.user.login'" },
        { "no type", "type is '' and not 'auth.user.login'" },
        { "another event type", "eventType is 'auth.user.logout' and not 'auth.user.login'" },
        { "another content type", "the content type is 'text/plain' and not 'application/json'" },
        { "not persistent", "the delivery mode is 'Transient' and not 'Persistent'" },
        { "another correlation", "the correlation header is 'c-2' and not 'c-1'" },
        { "another version", "schemaVersion is '2' and not '1'" },
        { "another source", "source is 'lms' and not 'auth'" },
        { "another subject", "subject is 's-1' and not '" },
        { "an unknown key", "no channel has this routing key" },
    };

    [Fact]
    public async Task Every_message_of_the_story_keeps_its_contract()
    {
        var contract = new EventContract();
        await using var tap = await ExchangeTap.OpenAsync(mesh.Command);
        var result = await mesh.TellAsync(new Silent());
        var id = result.Steps[0].CorrelationId;
        var story = id[..(id.LastIndexOf('-') + 1)];

        // What was committed last is still on its way when the story ends, and not in the order of other services' events.
        var seen = await Eventually.SeesAsync(
            () => Task.FromResult(Told(tap, story)),
            told => !_ofTheStory.Except(told.Select(m => m.RoutingKey)).Any()
                && Of(told, "notification.message.sent", result.UserId) >= result.Notifications.Count
                && Of(told, "gamification.points.awarded", result.UserId) >= result.LedgerEntries,
            "the story's events");

        tap.Heard.SelectMany(contract.Breaches).ShouldBeEmpty();
        seen.Select(m => m.RoutingKey).Distinct().Order(StringComparer.Ordinal).ShouldBe(_ofTheStory);
        Of(seen, "lms.lesson.completed", result.UserId).ShouldBe(result.Lessons);
        Of(seen, "lms.course.completed", result.UserId).ShouldBe(1);
        Of(seen, "lms.certificate.issued", result.UserId).ShouldBe(1);
        Of(seen, "gamification.points.awarded", result.UserId).ShouldBe(result.LedgerEntries);
        Of(seen, "jobs.application.submitted", result.UserId).ShouldBe(1);
        Of(seen, "notification.message.sent", result.UserId).ShouldBe(result.Notifications.Count);
        TestContext.Current.TestOutputHelper?.WriteLine($"{tap.Heard.Count} messages, {seen.Count} of them the story's, {_ofTheStory.Length} kinds");
    }

    [Fact]
    public async Task A_message_that_breaks_its_contract_is_caught_off_the_exchange()
    {
        var contract = new EventContract();
        await using var tap = await ExchangeTap.OpenAsync(mesh.Command);
        var (good, bad) = (Message(), Message("a user of another form"));
        await tap.PublishAsync(good);
        await tap.PublishAsync(bad);
        var heard = await Eventually.SeesAsync(
            () => Task.FromResult(tap.Heard.Where(m => new[] { good, bad }.Any(p => p.Properties.MessageId == m.Properties.MessageId)).ToList()),
            seen => seen.Count == 2, "both messages");

        contract.Breaches(heard[0]).ShouldBeEmpty();
        contract.Breaches(heard[1]).ShouldBe(["auth.user.login: data: /userId is \"u-1\" and no uuid"]);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_found(string fault, string told)
    {
        var contract = new EventContract();

        contract.Breaches(Message()).ShouldBeEmpty();
        contract.Breaches(Message(fault)).ShouldContain(breach => breach.Contains(told, StringComparison.Ordinal), fault);
    }

    private static List<RawMessage> Told(ExchangeTap tap, string story) =>
    [
        .. tap.Heard.Where(m => (string?)JsonNode.Parse(m.Body)!["correlationId"] is { } id && id.StartsWith(story, StringComparison.Ordinal))
            .DistinctBy(m => m.Properties.MessageId),
    ];

    private static int Of(List<RawMessage> messages, string key, Guid user) =>
        messages.Count(m => m.RoutingKey == key && (string?)JsonNode.Parse(m.Body)!["data"]!["userId"] == user.ToString());

    /// <summary>A sign-in, which nobody in the mesh listens to, with one thing wrong.</summary>
    private static RawMessage Message(string? fault = null)
    {
        var (id, user) = (Guid.CreateVersion7().ToString(), Guid.CreateVersion7().ToString());
        var data = new JsonObject { ["userId"] = user, ["ipAddress"] = null, ["userAgent"] = "a plain client" };
        var envelope = new JsonObject
        {
            ["eventId"] = id,
            ["eventType"] = "auth.user.login",
            ["timestamp"] = "2026-11-20T09:30:00.123Z",
            ["schemaVersion"] = 1,
            ["source"] = "auth",
            ["correlationId"] = "c-1",
            ["subject"] = user,
            ["data"] = data,
        };
        var properties = new BasicProperties
        {
            ContentType = "application/json",
            Persistent = true,
            MessageId = id,
            Type = "auth.user.login",
            Headers = new Dictionary<string, object?> { ["x-correlation-id"] = Encoding.UTF8.GetBytes("c-1") },
        };
        switch (fault)
        {
            case "no envelope": envelope.Clear(); break;
            case "no timestamp": envelope.Remove("timestamp"); break;
            case "a local timestamp": envelope["timestamp"] = "2026-11-20T09:30:00"; break;
            case "a version zero": envelope["schemaVersion"] = 0; break;
            case "data as text": envelope["data"] = "x"; break;
            case "no user": data.Remove("userId"); break;
            case "a user of another form": (data["userId"], envelope["subject"]) = ("u-1", "u-1"); break;
            case "a number as an address": data["ipAddress"] = 127; break;
            case "another message-id": properties.MessageId = "m-1"; break;
            case "another type": properties.Type = "auth.user.logout"; break;
            case "no type": properties.Type = null; break;
            case "another event type": envelope["eventType"] = "auth.user.logout"; break;
            case "another content type": properties.ContentType = "text/plain"; break;
            case "not persistent": properties.Persistent = false; break;
            case "another correlation": properties.Headers["x-correlation-id"] = Encoding.UTF8.GetBytes("c-2"); break;
            case "another version": envelope["schemaVersion"] = 2; break;
            case "another source": envelope["source"] = "lms"; break;
            case "another subject": envelope["subject"] = "s-1"; break;
        }
        var body = fault == "no JSON" ? "<event/>" : envelope.ToJsonString();
        return new("talentsphere.events", fault == "an unknown key" ? "auth.user.invented" : "auth.user.login", properties, Encoding.UTF8.GetBytes(body));
    }

    private sealed class Silent : IStoryTeller
    {
        public void Chapter(string title)
        {
        }

        public Task BeginsAsync(string step) => Task.CompletedTask;

        public void Answered(StoryExchange exchange)
        {
        }

        public void Waits(string reason)
        {
        }

        public void Ends(StoryStep step)
        {
        }
    }
}

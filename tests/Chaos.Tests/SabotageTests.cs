using Npgsql;
using RabbitMQ.Client;
using TalentSphere.Cli.Chaos;
using TalentSphere.TestKit;

namespace TalentSphere.Chaos.Tests;

/// <summary>
/// The kill test can fail. What the product keeps apart is broken from outside, in the databases and on the broker: no switch in the product would do it.
/// </summary>
public sealed class SabotageTests(MeshToBreak meshes)
{
    private static readonly TimeSpan _stall = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Without_sabotage_the_same_run_is_green()
    {
        var result = await RunAsync(await meshes.GetAsync(), new Interference { After = RedeliverAsync });
        result.Verdict.Findings.ShouldBeEmpty(result.ToString());
        result.Verdict.Acknowledged.ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task With_the_inbox_switched_off_it_is_red()
    {
        var mesh = await meshes.GetAsync();
        try
        {
            var result = await RunAsync(mesh, new Interference
            {
                Stall = _stall,
                Before = async (_, ct) =>
                {
                    await ExecuteAsync(mesh, "gamification", _forgetfulInbox, ct);
                    await ExecuteAsync(mesh, "notification", _forgetfulInbox + _blurredKey, ct);
                },
                After = RedeliverAsync,
            });
            TestContext.Current.TestOutputHelper?.WriteLine($"{result}\n{string.Join('\n', result.Verdict.Findings.Take(20))}");

            result.Verdict.Applied.ShouldBeLessThan(result.Verdict.Acknowledged);
            result.Verdict.Findings.ShouldContain(f => f.Breach == Breach.Unheard && f.What.StartsWith("gamification"));
            result.Verdict.Findings.ShouldContain(f => f.Breach == Breach.Unheard && f.What.StartsWith("notification"));
            // Here the second fence is down as well, and the same event is told of twice ...
            result.Verdict.Findings.ShouldContain(f => f.Breach == Breach.Doubled && f.What.Contains("was notified of 2 times"));
            result.Verdict.Duplicates.ShouldBeGreaterThan(0);
            // ... and here the business key still holds.
            result.Verdict.Findings.ShouldNotContain(f => f.What.Contains("ledger entr"));
        }
        finally
        {
            const string repair = "DROP FUNCTION IF EXISTS chaos_forget CASCADE; DROP FUNCTION IF EXISTS chaos_blur CASCADE";
            await ExecuteAsync(mesh, "gamification", repair, CancellationToken.None);
            await ExecuteAsync(mesh, "notification", repair, CancellationToken.None);
        }
    }

    [Fact]
    public async Task With_an_event_that_is_published_before_a_commit_which_never_comes_it_is_red()
    {
        var mesh = await meshes.GetAsync();
        var phantom = Guid.CreateVersion7();
        var result = await RunAsync(mesh, new Interference
        {
            Stall = _stall,
            After = async (_, baseline, ct) => await PublishAndRollBackAsync(mesh, phantom, baseline, ct),
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"{result}\n{string.Join('\n', result.Verdict.Findings.Take(20))}");

        var about = result.Verdict.Findings.Where(f => f.Breach == Breach.Phantom && f.What.Contains(phantom.ToString())).ToList();
        about.ShouldContain(f => f.What.StartsWith("gamification applied lms.lesson.completed") && f.What.EndsWith("published and never committed"));
        about.ShouldContain(f => f.What.StartsWith("ledger entry"));
        result.Verdict.Findings.ShouldContain(f => f.Breach == Breach.Mismatch && f.What.Contains("the acknowledged facts are worth"));
    }

    private static Task<ChaosResult> RunAsync(ChaosMesh mesh, Interference interference)
    {
        var plan = Plan.Draw(42, TimeSpan.FromSeconds(5), ChaosRun.Learners + 2) with { Faults = [] };
        return new ChaosRun(mesh).RunAsync(plan, interference, TestContext.Current.CancellationToken);
    }

    /// <summary>What at-least-once means: events that have been handled come once more.</summary>
    private static async Task RedeliverAsync(ChaosMesh mesh, Baseline baseline, CancellationToken cancellationToken)
    {
        await mesh.RestAsync(baseline, _stall, cancellationToken);
        foreach (var service in Plan.Services)
            await mesh.RepublishAsync(service, baseline, count: 50, cancellationToken);
    }

    /// <summary>Lets every event in, and remembers none.</summary>
    private const string _forgetfulInbox =
        """
        CREATE FUNCTION chaos_forget() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN DELETE FROM inbox_messages WHERE consumer = NEW.consumer AND message_id = NEW.message_id; RETURN NULL; END $$;
        CREATE TRIGGER chaos_forget AFTER INSERT ON inbox_messages FOR EACH ROW EXECUTE FUNCTION chaos_forget();
        """;

    /// <summary>A notification that is there already gets another source, so that the unique index does not see that it is.</summary>
    private const string _blurredKey =
        """
        CREATE FUNCTION chaos_blur() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            IF EXISTS (SELECT FROM notifications WHERE user_id = NEW.user_id AND kind = NEW.kind AND source = NEW.source) THEN
                NEW.source := left(NEW.source, 80) || '#' || gen_random_uuid();
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER chaos_blur BEFORE INSERT ON notifications FOR EACH ROW EXECUTE FUNCTION chaos_blur();
        """;

    /// <summary>A relay that does not wait for the commit, and then a rollback: a lesson that nobody has completed.</summary>
    private static async Task PublishAndRollBackAsync(ChaosMesh mesh, Guid id, Baseline baseline, CancellationToken cancellationToken)
    {
        await using (var lms = await mesh.Evidence.OpenAsync("lms", cancellationToken))
        await using (var transaction = await lms.BeginTransactionAsync(cancellationToken))
        {
            var (enrollment, user, course, lesson) = await FindLessonAsync(lms, baseline, cancellationToken);
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            var envelope = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new
            {
                eventId = id,
                eventType = "lms.lesson.completed",
                timestamp = now,
                schemaVersion = 1,
                source = "lms",
                correlationId = "chaos",
                subject = enrollment,
                data = new { enrollmentId = enrollment, userId = user, courseId = course, lessonId = lesson, lessonTitle = "Never", completionDate = now },
            });
            await using var insert = new NpgsqlCommand(
                """
                INSERT INTO outbox_messages (id, event_type, subject, correlation_id, envelope, created_at)
                VALUES ($1, 'lms.lesson.completed', $2, 'chaos', $3, $4)
                """, lms)
            { Parameters = { new() { Value = id }, new() { Value = enrollment.ToString() }, new() { Value = envelope }, new() { Value = now } } };
            await insert.ExecuteNonQueryAsync(cancellationToken);
            await PublishAsync(mesh, id, envelope, cancellationToken);
            await transaction.RollbackAsync(cancellationToken);
        }
        await Eventually.TrueAsync(
            async () => (await ScalarAsync(mesh, "gamification", "SELECT count(*) FROM inbox_messages WHERE message_id = $1", id, cancellationToken)) == 1,
            "gamification to apply what was never committed", _patience);
    }

    private static async Task<(Guid Enrollment, Guid User, Guid Course, Guid Lesson)> FindLessonAsync(
        NpgsqlConnection lms, Baseline baseline, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT e.id, e.user_id, e.course_id, l.id FROM enrollments e JOIN lessons l ON l.course_id = e.course_id
            WHERE e.created_at >= $1 AND NOT EXISTS (SELECT FROM lesson_completions c WHERE c.enrollment_id = e.id AND c.lesson_id = l.id) LIMIT 1
            """, lms)
        { Parameters = { new() { Value = baseline.At } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        (await reader.ReadAsync(cancellationToken)).ShouldBeTrue("somebody has a lesson left");
        return (reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetGuid(3));
    }

    private static async Task PublishAsync(ChaosMesh mesh, Guid id, byte[] envelope, CancellationToken cancellationToken)
    {
        await using var connection = await mesh.Evidence.BrokerAsync(cancellationToken);
        var confirmed = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        await using var channel = await connection.CreateChannelAsync(confirmed, cancellationToken);
        var properties = new BasicProperties { ContentType = "application/json", Persistent = true, MessageId = id.ToString(), Type = "lms.lesson.completed" };
        await channel.BasicPublishAsync("talentsphere.events", "lms.lesson.completed", mandatory: true, properties, envelope, cancellationToken);
    }

    private static async Task ExecuteAsync(ChaosMesh mesh, string service, string sql, CancellationToken cancellationToken)
    {
        await using var db = await mesh.Evidence.OpenAsync(service, cancellationToken);
        await using var command = new NpgsqlCommand(sql, db);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<long> ScalarAsync(ChaosMesh mesh, string service, string sql, Guid id, CancellationToken cancellationToken)
    {
        await using var db = await mesh.Evidence.OpenAsync(service, cancellationToken);
        await using var command = new NpgsqlCommand(sql, db) { Parameters = { new() { Value = id } } };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}

namespace TalentSphere.Cli.Chaos;

/// <summary>What does not hold.</summary>
internal enum Breach
{
    /// <summary>A write was acknowledged, or a fact is stored, and no event tells of it.</summary>
    Lost,

    /// <summary>A committed event has not gone out.</summary>
    Unpublished,

    /// <summary>A subscriber has not heard an event that it listens to.</summary>
    Unheard,

    /// <summary>A subscriber heard an event and nothing came of it, or the wrong thing.</summary>
    NoEffect,

    /// <summary>One fact was told, or took effect, more than once.</summary>
    Doubled,

    /// <summary>A subscriber acted on an event that was never committed, or an event tells of a fact that is not there.</summary>
    Phantom,

    /// <summary>Two events of one subject arrived in another order than they were committed in.</summary>
    OutOfOrder,

    /// <summary>A message lies among the dead letters.</summary>
    Dead,

    /// <summary>Something is still under way.</summary>
    Unrest,

    /// <summary>A sum is wrong.</summary>
    Mismatch,
}

/// <summary>One thing that does not hold, with the ids to look it up by.</summary>
internal sealed record Finding(Breach Breach, string What)
{
    public override string ToString() => $"{Breach}: {What}";
}

/// <summary>The outcome of comparing what was acknowledged with what is there.</summary>
internal sealed record Verdict
{
    /// <summary>Facts that clients were told are so.</summary>
    public required int Acknowledged { get; init; }

    /// <summary>Those of them whose event is in the publisher's outbox and was confirmed by the broker.</summary>
    public required int Published { get; init; }

    /// <summary>Those of them whose event every subscriber took in.</summary>
    public required int Applied { get; init; }

    /// <summary>Events in the outboxes, of any cause.</summary>
    public required int Events { get; init; }

    /// <summary>Pairs of event and subscriber that had to meet.</summary>
    public required int Deliveries { get; init; }

    /// <summary>Ledger entries and notifications.</summary>
    public required int Effects { get; init; }

    public required IReadOnlyList<Finding> Findings { get; init; }

    public bool Holds => Findings.Count == 0;

    public int Duplicates => Count(Breach.Doubled);

    public int OutOfOrder => Count(Breach.OutOfOrder);

    public int Dead => Count(Breach.Dead);

    public override string ToString() =>
        $"acknowledged {Acknowledged} = published {Published} = applied {Applied}, duplicates {Duplicates}, out of order {OutOfOrder}, dead {Dead}";

    private int Count(Breach breach) => Findings.Count(f => f.Breach == breach);
}

/// <summary>Compares: acknowledged writes, stored facts, outboxes, inboxes, effects. Pure.</summary>
internal static class Checker
{
    /// <summary>What clients bring about themselves; all else follows from it.</summary>
    private static readonly HashSet<string> _firstHand = new(StringComparer.Ordinal)
    {
        "auth.user.registered", "auth.user.login", "auth.user.logout",
        "lms.course.published", "lms.enrollment.created", "lms.enrollment.cancelled", "lms.lesson.completed", "lms.course.completed", "lms.certificate.issued",
        "challenges.submission.submitted",
        "jobs.post.created", "jobs.post.updated", "jobs.post.closed", "jobs.application.submitted", "jobs.application.viewed", "jobs.application.statuschanged",
        "notification.message.read",
    };

    /// <summary>No table tells how often these happened; the rows that they changed are checked in their own way.</summary>
    private static readonly HashSet<string> _withoutFact = new(StringComparer.Ordinal)
    {
        "lms.enrollment.created", "lms.enrollment.cancelled", "jobs.post.updated", "jobs.application.statuschanged",
    };

    public static Verdict Judge(IReadOnlyDictionary<Claim, int> claims, IReadOnlyDictionary<string, int> maybes, Evidence evidence)
    {
        var findings = new List<Finding>();
        var told = evidence.Events.ToLookup(e => new Claim(e.Type, e.Key));
        var heard = Heard(evidence, findings);

        findings.AddRange(Unclaimed(claims, maybes, told));
        findings.AddRange(Facts(evidence, told));
        findings.AddRange(Enrollments(evidence));
        findings.AddRange(Applications(evidence));
        findings.AddRange(evidence.Events.Where(e => !e.IsPublished)
            .Select(e => new Finding(Breach.Unpublished, e.SetAside is { } reason ? $"{e} was set aside: {reason}" : $"{e} waits in the outbox")));
        findings.AddRange(Order(evidence, heard));
        findings.AddRange(Rewards(evidence));
        findings.AddRange(Sums(evidence));
        findings.AddRange(Notices(evidence));
        findings.AddRange(Broker(evidence));

        var published = 0;
        var applied = 0;
        foreach (var (claim, count) in claims)
        {
            var events = told[claim].ToList();
            if (events.Count < count)
                findings.Add(new(Breach.Lost, $"{claim.EventType} of {claim.Key}: acknowledged {count} times, {events.Count} in the outbox"));
            published += Math.Min(count, events.Count(e => e.IsPublished));
            applied += Math.Min(count, events.Count(e => e.IsPublished && Hearing.Of(e.Type).All(s => heard.ContainsKey((s, e.Id)))));
        }
        return new()
        {
            Acknowledged = claims.Values.Sum(),
            Published = published,
            Applied = applied,
            Events = evidence.Events.Count,
            Deliveries = evidence.Events.Sum(e => Hearing.Of(e.Type).Count),
            Effects = evidence.Ledger.Count + evidence.Notices.Count,
            Findings = findings,
        };
    }

    /// <summary>Points by person, as far as the acknowledged facts go.</summary>
    public static IReadOnlyDictionary<Guid, int> PointsOf(IEnumerable<Claim> claims) => claims
        .Select(c => (User: c.Key.Split('/')[0], Points: c.EventType switch
        {
            "auth.user.registered" => 10,
            "lms.lesson.completed" => 20,
            "lms.course.completed" => 200,
            _ => 0,
        }))
        .Where(c => c.Points > 0).GroupBy(c => c.User, StringComparer.Ordinal).ToDictionary(g => Guid.Parse(g.Key), g => g.Sum(c => c.Points));

    /// <summary>Who took in what, beside what had to be taken in and what never was an event.</summary>
    private static Dictionary<(string Service, Guid Event), long> Heard(Evidence evidence, List<Finding> findings)
    {
        var events = new Dictionary<Guid, OutboxRow>();
        findings.AddRange(evidence.Events.Where(e => !events.TryAdd(e.Id, e)).Select(e => new Finding(Breach.Doubled, $"{e} has the id of another event")));
        var heard = new Dictionary<(string, Guid), long>();
        foreach (var row in evidence.Inboxes.Where(r => !evidence.Earlier.Contains(r.MessageId)))
        {
            if (!events.TryGetValue(row.MessageId, out var e))
                findings.Add(new(Breach.Phantom, $"{row.Service} applied {row.Type} {row.MessageId}, in no outbox: published and never committed"));
            else if (!Hearing.Of(e.Type).Contains(row.Service))
                findings.Add(new(Breach.Phantom, $"{row.Service} applied {e}, which it does not listen to"));
            else if (!heard.TryAdd((row.Service, row.MessageId), row.Position))
                findings.Add(new(Breach.Doubled, $"{row.Service} has more than one inbox row for {e}"));
        }
        findings.AddRange(
            from e in evidence.Events
            from service in Hearing.Of(e.Type)
            where !heard.ContainsKey((service, e.Id))
            select new Finding(Breach.Unheard, $"{service} has no inbox row for {e}"));
        return heard;
    }

    private static IEnumerable<Finding> Unclaimed(
        IReadOnlyDictionary<Claim, int> claims, IReadOnlyDictionary<string, int> maybes, ILookup<Claim, OutboxRow> told)
    {
        foreach (var type in told.Where(g => _firstHand.Contains(g.Key.EventType)).GroupBy(g => g.Key.EventType, StringComparer.Ordinal))
        {
            var beyond = type.Where(g => g.Count() > claims.GetValueOrDefault(g.Key)).ToList();
            var count = beyond.Sum(g => g.Count() - claims.GetValueOrDefault(g.Key));
            var allowed = maybes.GetValueOrDefault(type.Key);
            if (count > allowed)
            {
                var examples = string.Join(
                    "; ", beyond.Take(5).Select(g => $"{g.Count()} of {g.Key.Key}, acknowledged {claims.GetValueOrDefault(g.Key)}: {g.Last()}"));
                yield return new(Breach.Doubled, $"{type.Key}: {count} events more than were acknowledged, at most {allowed} answers were lost: {examples}");
            }
        }
    }

    private static IEnumerable<Finding> Facts(Evidence evidence, ILookup<Claim, OutboxRow> told)
    {
        var facts = evidence.Facts.GroupBy(f => f).ToDictionary(g => g.Key, g => g.Count());
        foreach (var (fact, count) in facts)
        {
            var events = told[fact].Count();
            if (events < count)
                yield return new(Breach.Lost, $"{fact.EventType} of {fact.Key}: the table says {count}, the outbox {events}");
        }
        foreach (var group in told.Where(g => g.Key.Key.Length > 0 && !_withoutFact.Contains(g.Key.EventType)))
        {
            var count = facts.GetValueOrDefault(group.Key);
            if (group.Count() <= count)
                continue;
            var breach = count == 0 ? Breach.Phantom : Breach.Doubled;
            yield return new(breach, $"{group.Key.EventType} of {group.Key.Key}: the table says {count}, the outbox {group.Count()}: {group.Last()}");
        }
    }

    /// <summary>Coming and leaving take turns, and the last word is what the row says.</summary>
    private static IEnumerable<Finding> Enrollments(Evidence evidence)
    {
        var moves = evidence.Events.Where(e => e.Type is "lms.enrollment.created" or "lms.enrollment.cancelled").OrderBy(e => e.Sequence)
            .ToLookup(e => e.Guid("enrollmentId"));
        var rows = evidence.Enrollments.ToDictionary(e => e.Id);
        foreach (var row in evidence.Enrollments)
        {
            var types = moves[row.Id].Select(e => e.Type).ToList();
            var told = string.Join(", ", types);
            if (types.Where((type, i) => type != (i % 2 == 0 ? "lms.enrollment.created" : "lms.enrollment.cancelled")).Any())
                yield return new(Breach.Doubled, $"enrollment {row.Id} was told as {told}");
            else if ((types.Count % 2 == 0) != row.IsCancelled)
                yield return new(Breach.Lost, $"enrollment {row.Id} is {(row.IsCancelled ? "cancelled" : "alive")}, but was told as {told}");
        }
        foreach (var group in moves.Where(g => !rows.ContainsKey(g.Key)))
            yield return new(Breach.Phantom, $"enrollment {group.Key} is not there, but {group.First()} tells of it");
    }

    /// <summary>The moves form a chain from pending to what the row says.</summary>
    private static IEnumerable<Finding> Applications(Evidence evidence)
    {
        var moves = evidence.Events.Where(e => e.Type == "jobs.application.statuschanged").OrderBy(e => e.Sequence).ToLookup(e => e.Guid("applicationId"));
        foreach (var row in evidence.Applications)
        {
            var status = "pending";
            foreach (var e in moves[row.Id])
            {
                if (e.Text("from") != status)
                    yield return new(Breach.Lost, $"application {row.Id} was {status} when {e} moved it from {e.Text("from")}");
                status = e.Text("to");
            }
            if (status != row.Status)
                yield return new(Breach.Lost, $"application {row.Id} is {row.Status}, but was told to be {status}");
        }
        var known = evidence.Applications.Select(a => a.Id).ToHashSet();
        foreach (var group in moves.Where(g => !known.Contains(g.Key)))
            yield return new(Breach.Phantom, $"application {group.Key} is not there, but {group.First()} tells of it");
    }

    private static IEnumerable<Finding> Order(Evidence evidence, Dictionary<(string Service, Guid Event), long> heard)
    {
        foreach (var subject in evidence.Events.GroupBy(e => (e.Service, e.Subject)))
        {
            var committed = subject.OrderBy(e => e.Sequence).ToList();
            foreach (var service in committed.SelectMany(e => Hearing.Of(e.Type)).Distinct())
            {
                OutboxRow? before = null;
                foreach (var e in committed.Where(e => heard.ContainsKey((service, e.Id))))
                {
                    if (before is not null && heard[(service, e.Id)] <= heard[(service, before.Id)])
                        yield return new(Breach.OutOfOrder, $"{service} applied {e} before {before}");
                    before = e;
                }
            }
        }
    }

    /// <summary>
    /// One entry per fact, from the first event that tells of it, and nothing else. The ordinals are given under a lock on the learner's row: a second
    /// witness of the order.
    /// </summary>
    private static IEnumerable<Finding> Rewards(Evidence evidence)
    {
        var entries = evidence.Ledger.ToLookup(l => (l.UserId, l.Reason, l.Source));
        var due = evidence.Events.Select(e => (Event: e, Reward: Hearing.RewardOf(e))).Where(d => d.Reward is not null).OrderBy(d => d.Event.Sequence)
            .GroupBy(d => (d.Reward!.UserId, d.Reward.Reason, d.Reward.Source)).ToDictionary(g => g.Key, g => g.First());
        foreach (var (key, (e, reward)) in due)
        {
            var found = entries[key].ToList();
            if (found.Count == 0)
                yield return new(Breach.NoEffect, $"gamification has no ledger entry for {e}");
            else if (found.Count > 1)
                yield return new(Breach.Doubled, $"gamification has {found.Count} ledger entries for {e}: {string.Join(", ", found.Select(f => f.Id))}");
            else if (found[0].EventId != e.Id || found[0].Amount != reward!.Amount)
                yield return new(Breach.NoEffect, $"{found[0]} should have {reward!.Amount} points from {e}");
        }
        foreach (var again in evidence.Ledger.GroupBy(l => l.EventId).Where(g => g.Count() > 1))
            yield return new(Breach.Doubled, $"event {again.Key} was rewarded {again.Count()} times: {string.Join(", ", again)}");
        foreach (var entry in evidence.Ledger.Where(l => !due.ContainsKey((l.UserId, l.Reason, l.Source)) && !evidence.Earlier.Contains(l.EventId)))
            yield return new(Breach.Phantom, $"{entry} follows from an event that gives no such reward, or is none");

        var places = evidence.Ledger.GroupBy(l => l.EventId).ToDictionary(g => g.Key, g => g.First());
        foreach (var subject in due.Values.Where(d => places.ContainsKey(d.Event.Id)).GroupBy(d => (d.Event.Service, d.Event.Subject, d.Reward!.UserId)))
        {
            var rows = subject.OrderBy(d => d.Event.Sequence).Select(d => (d.Event, places[d.Event.Id].Ordinal)).ToList();
            foreach (var (before, after) in rows.Zip(rows.Skip(1)).Where(p => p.Second.Ordinal <= p.First.Ordinal))
                yield return new(Breach.OutOfOrder, $"the ledger has {after.Event} as number {after.Ordinal}, {before.Event} as number {before.Ordinal}");
        }
    }

    private static IEnumerable<Finding> Sums(Evidence evidence)
    {
        var sums = evidence.Ledger.GroupBy(l => l.UserId).ToDictionary(g => g.Key, g => g.Sum(l => l.Amount));
        return
            from learner in evidence.Learners
            let sum = sums.GetValueOrDefault(learner.UserId)
            where learner.Total != sum
            select new Finding(Breach.Mismatch, $"learner {learner.UserId} has a total of {learner.Total}, the ledger sums up to {sum}");
    }

    private static IEnumerable<Finding> Notices(Evidence evidence)
    {
        var stored = evidence.Notices.ToLookup(n => (n.UserId, n.Kind, n.Source));
        var due = evidence.Events.Select(e => (Event: e, Notice: Hearing.NoticeOf(e))).Where(d => d.Notice is not null).OrderBy(d => d.Event.Sequence)
            .GroupBy(d => (d.Notice!.UserId, d.Notice.Kind, d.Notice.Source)).ToDictionary(g => g.Key, g => g.First().Event);
        foreach (var (key, e) in due)
        {
            var found = stored[key].ToList();
            if (found.Count == 0)
                yield return new(Breach.NoEffect, $"notification has nothing to tell of {e}");
            else if (found.Count > 1)
                yield return new(Breach.Doubled, $"notification tells {found.Count} times of {e}: {string.Join(", ", found.Select(f => f.Id))}");
            else if (found[0].EventId != e.Id)
                yield return new(Breach.NoEffect, $"notification {found[0].Id} follows from event {found[0].EventId}; it should from {e}");
        }
        foreach (var again in evidence.Notices.GroupBy(n => n.EventId).Where(g => g.Count() > 1))
            yield return new(Breach.Doubled, $"event {again.Key} was notified of {again.Count()} times: {string.Join(", ", again.Select(n => n.Id))}");
        foreach (var notice in evidence.Notices.Where(n => !due.ContainsKey((n.UserId, n.Kind, n.Source)) && !evidence.Earlier.Contains(n.EventId)))
            yield return new(Breach.Phantom, $"{notice} follows from an event that calls for none such, or is none");
    }

    private static IEnumerable<Finding> Broker(Evidence evidence)
    {
        var full = evidence.Queues.Where(q => q.Messages > 0).ToLookup(q => q.Name.EndsWith(".dlq", StringComparison.Ordinal));
        foreach (var queue in full[false])
            yield return new(Breach.Unrest, $"{queue.Name} still holds {queue.Messages} messages");
        foreach (var letter in evidence.DeadLetters)
            yield return new(Breach.Dead, $"{letter.Queue} holds {letter.Type} {letter.MessageId}: {letter.Reason}");
        foreach (var queue in full[true].Where(q => evidence.DeadLetters.All(l => l.Queue != q.Name)))
            yield return new(Breach.Dead, $"{queue.Name} holds {queue.Messages} messages");
    }
}

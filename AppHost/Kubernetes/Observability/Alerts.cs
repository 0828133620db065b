namespace TalentSphere.AppHost.Kubernetes.Observability;

/// <summary>One alert with what is to be done about it: rules and runbooks are written from here.</summary>
/// <param name="Name">Its name, and with it the runbook's anchor.</param>
/// <param name="Expression">PromQL over what the processes report.</param>
/// <param name="For">How long it must hold.</param>
/// <param name="Severity">critical: somebody gets up; warning: somebody looks today.</param>
/// <param name="Summary">One line, with Prometheus' templates.</param>
/// <param name="Meaning">What is the case when it fires, and what is not.</param>
/// <param name="Steps">What to do, in order.</param>
internal sealed record Alert(string Name, string Expression, string For, string Severity, string Summary, string Meaning, params IReadOnlyList<string> Steps)
{
    /// <summary>Where the runbook stands in the guide.</summary>
    public string Anchor => Name.ToLowerInvariant();
}

/// <summary>Every alert. Those that watch one workload are derived from the model.</summary>
internal static class Alerts
{
    /// <summary>Of a month's requests one in a thousand may fail.</summary>
    public const string ErrorBudget = "0.001";

    /// <summary>Half a second for 95 requests in 100.</summary>
    private const string _slow = "0.5";

    private const string _space = $"namespace=\"{KubernetesNames.Namespace}\"";

    public static IReadOnlyList<Alert> Of(MeshModel mesh) => [.. Availability(mesh), .. Speed(), .. Messaging(mesh), .. Caching()];

    /// <summary>The share of requests that failed by our fault.</summary>
    public static string Errors(string window, string by = "service") =>
        $"sum by ({by}) (rate(http_requests_total{{{_space},status=~\"5..\"}}[{window}])) / sum by ({by}) (rate(http_requests_total{{{_space}}}[{window}]))";

    /// <summary>How long requests take, at most, for a share of them.</summary>
    public static string Latency(string share, string window, string by = "service") =>
        $"histogram_quantile({share}, sum by ({by}, le) (rate(http_request_duration_seconds_bucket{{{_space}}}[{window}])))";

    private static IEnumerable<Alert> Availability(MeshModel mesh)
    {
        var gateway = string.Join('|', mesh.Workloads.Where(w => w.Kind == WorkloadKind.Gateway).Select(w => w.Name));
        foreach (var workload in mesh.Workloads)
        {
            var callers = mesh.CallersOf(workload.Name).Select(c => c.Name).ToList();
            yield return new(
                $"{Pascal(workload.Name)}Down",
                $"(sum(up{{{_space},service=\"{workload.Name}\"}}) or vector(0)) == 0", "2m", workload.Kind == WorkloadKind.Worker ? "warning" : "critical",
                $"No pod of {workload.Name} answers",
                workload.Kind == WorkloadKind.Worker
                    ? $"Nobody scrapes a pod of {workload.Name}. {string.Join(" and ", callers)} keeps what it was given and waits: nothing is lost, nothing is finished."
                    : $"Nobody scrapes a pod of {workload.Name}. {(callers.Count == 0 ? "Nothing of the platform can be reached." : $"{string.Join(", ", callers)} {(callers.Count == 1 ? "answers" : "answer")} 503 where {(callers.Count == 1 ? "it is needed" : "they need it")}; the rest of the platform works.")}",
                $"`kubectl -n {KubernetesNames.Namespace} get pods -l {KubernetesNames.NameLabel}={workload.Name}`: is there none, does it restart, or is it not ready?",
                $"`kubectl -n {KubernetesNames.Namespace} describe deployment {workload.Name}` and `kubectl -n {KubernetesNames.Namespace} logs deployment/{workload.Name} --all-pods --tail=100`.",
                "Not ready: `/ready` names what is missing; its server's runbook is the next. Crashing since a release: [roll back](#roll-back).",
                "Pods are there and ready: the scrape is broken. Check the monitor and the proxy's certificate of Prometheus.");
        }
        yield return new(
            "ErrorBudgetBurnsFast", $"({Errors("5m")}) > 14.4 * {ErrorBudget} and ({Errors("1h")}) > 14.4 * {ErrorBudget}", "2m", "critical",
            "{{ $labels.service }} fails {{ $value | humanizePercentage }} of its requests",
            "At this rate a month's error budget of 0.1 % is gone in two days. Requests that a caller got wrong (4xx) do not count.",
            "The dashboard *Services* shows since when and on which route.",
            $"`kubectl -n {KubernetesNames.Namespace} logs deployment/SERVICE --since=15m` and the traces of that route: the correlation id is in both.",
            "Since a release: [roll back](#roll-back). Since a server is slow or away: its runbook.");
        yield return new(
            "ErrorBudgetBurnsSlowly", $"({Errors("30m")}) > 3 * {ErrorBudget} and ({Errors("6h")}) > 3 * {ErrorBudget}", "15m", "warning",
            "{{ $labels.service }} fails {{ $value | humanizePercentage }} of its requests, for hours now",
            "A month's error budget lasts ten days at this rate.",
            "As for ErrorBudgetBurnsFast, in working hours.");
        if (gateway.Length > 0)
        {
            yield return new(
                "UpstreamsRefused", $"sum by (service) (rate(http_requests_total{{{_space},service=~\"{gateway}\",status=~\"503|504\"}}[5m])) > 1", "5m", "warning",
                "The gateway turns away {{ $value | humanize }} requests a second",
                "Breakers are open or upstreams are too slow. Callers get 503 or 504 with Retry-After and nothing piles up.",
                "Which upstream: the dashboard *Services* by route. Then that service's runbook.",
                "All of them: is it the broker of identities? Without auth's key set nobody new gets in, and known tokens go on working.");
        }
    }

    private static IEnumerable<Alert> Speed()
    {
        yield return new(
            "RequestsSlow", $"({Latency("0.95", "5m")}) > {_slow} and sum by (service) (rate(http_requests_total{{{_space}}}[5m])) > 0.1", "10m", "warning",
            "95 % of the requests to {{ $labels.service }} take up to {{ $value | humanizeDuration }}",
            "The promise is half a second for 95 requests in 100.",
            "The dashboard *Services*: is it one route or all? Is the database slow at the same time (DatabaseSlow)?",
            $"`kubectl -n {KubernetesNames.Namespace} top pods -l {KubernetesNames.NameLabel}=SERVICE`: at its limit while the autoscaler is at its maximum? Then [raise it](#scaling).");
        yield return new(
            "DatabaseSlow", $"histogram_quantile(0.95, sum by (service, le) (rate(db_query_duration_seconds_bucket{{{_space}}}[5m]))) > 0.25", "10m", "warning",
            "95 % of the queries of {{ $labels.service }} take up to {{ $value | humanizeDuration }}",
            "The database is what makes it slow, or the pooler keeps queries waiting.",
            $"`kubectl -n {KubernetesNames.Namespace} get cluster`: is a replica being made, or did the primary move?",
            "Long statements and locks: `pg_stat_activity` and `pg_locks` on the primary. A vacuum or a backup in the wrong hour shows there too.");
        yield return new(
            "RequestsPileUp", $"max by (service) (http_requests_in_flight{{{_space}}}) > 200", "5m", "warning",
            "A pod of {{ $labels.service }} has {{ $value | humanize }} requests under way",
            "More comes in than goes out. Timeouts follow.",
            "What it waits for is in the traces: a server, or another service.",
            "The autoscaler follows the processor; waiting requests need none. [Raise the minimum](#scaling) until the cause is gone.");
    }

    private static IEnumerable<Alert> Messaging(MeshModel mesh)
    {
        foreach (var publisher in mesh.Workloads.Where(w => w.Publishes.Count > 0))
        {
            yield return new(
                $"{Pascal(publisher.Name)}RelaysNothing", $"absent(outbox_pending{{{_space},service=\"{publisher.Name}\"}})", "5m", "critical",
                $"No replica of {publisher.Name} publishes its events",
                $"One replica at a time relays what {publisher.Name} committed and reports the backlog; now none does. Events are kept in its database and are not lost.",
                $"`kubectl -n {KubernetesNames.Namespace} logs deployment/{publisher.Name} --all-pods --since=15m`: which replica wanted to lead, and what kept it?",
                "A lock of a session that is gone ends with the session: `pg_locks` with `locktype = 'advisory'` shows whose it is.");
        }
        yield return new(
            "EventsLate", $"max by (service) (outbox_oldest_seconds{{{_space}}}) > 60", "5m", "critical",
            "{{ $labels.service }} has an event that waits since {{ $value | humanizeDuration }}",
            "Events are committed and do not reach the broker. Nothing is lost; points, notices and projections lag behind.",
            $"`kubectl -n {KubernetesNames.Namespace} get pods -l {KubernetesNames.NameLabel}=rabbitmq`: a quorum queue needs two nodes of three.",
            "The broker is there: an alarm for memory or disk blocks publishers. `rabbitmq-diagnostics alarms` on a node tells.",
            "Only one service: its log says what the broker answered.");
        yield return new(
            "EventsSetAside", $"max by (service) (outbox_set_aside{{{_space}}}) > 0", "1m", "warning",
            "{{ $labels.service }} set {{ $value | humanize }} events aside",
            "The broker refused them again and again: nobody has a queue for the key, or the event is too large. Others flow on.",
            "`GET /api/v1/admin/SERVICE/events/dead?kind=set-aside` lists them with the reason; when that is gone, `POST /api/v1/admin/SERVICE/events/dead/replay` hands them to the relay again.");
        if (mesh.Workloads.Any(w => w.Queue is not null))
        {
            yield return new(
                "DeadLetters", $"max by (service) (queue_dead_letters{{{_space}}}) > 0", "5m", "warning",
                "{{ $labels.service }} gave up on {{ $value | humanize }} messages",
                "Three tries failed. Each message lies in the dead-letter queue with its reason; the others flow on.",
                "`GET /api/v1/admin/SERVICE/events/dead?kind=dead` lists them with the reason (against a local mesh: `./mesh events`). Fix it, release, then `POST /api/v1/admin/SERVICE/events/dead/replay`: however often, each takes effect once.",
                "Never purge the queue: an event that was not applied is a fact that somebody misses.");
            yield return new(
                "ConsumerFails",
                $"sum by (service) (rate(queue_messages_processed_total{{{_space},outcome=~\"retried|dead\"}}[10m])) / sum by (service) (rate(queue_messages_processed_total{{{_space}}}[10m])) > 0.1",
                "10m", "warning",
                "{{ $labels.service }} fails on {{ $value | humanizePercentage }} of its messages",
                "Messages are tried again and may end as dead letters.",
                "Its log names event and reason; since a release: [roll back](#roll-back), the messages are tried again.");
        }
    }

    private static IEnumerable<Alert> Caching()
    {
        yield return new(
            "CacheUseless",
            $"sum by (service, cache) (rate(cache_hits_total{{{_space}}}[30m])) / (sum by (service, cache) (rate(cache_hits_total{{{_space}}}[30m])) + sum by (service, cache) (rate(cache_misses_total{{{_space}}}[30m]))) < 0.2",
            "30m", "warning",
            "The cache {{ $labels.cache }} of {{ $labels.service }} answers {{ $value | humanizePercentage }}",
            "Redis is away or evicts too early, and the database answers instead.",
            $"`kubectl -n {KubernetesNames.Namespace} get pods -l {KubernetesNames.NameLabel}=redis`, then its memory.");
    }

    private static string Pascal(string name) => string.Concat(name.Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
}

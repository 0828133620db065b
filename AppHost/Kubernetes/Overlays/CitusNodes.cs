using TalentSphere.AppHost.Kubernetes.Platform;
using TalentSphere.AppHost.Kubernetes.Workloads;

namespace TalentSphere.AppHost.Kubernetes.Overlays;

/// <summary>
/// The job that makes the nodes of Citus known to each other, in each database: which workers there are, and by which password a login enters another node. Citus leaves
/// that to a superuser.
/// </summary>
internal static class CitusNodes
{
    private const string _logins = "/run/secrets/logins";

    public static string Name(Server postgres) => $"{postgres.Name}-nodes";

    /// <summary>The Secret with the superuser's password, the same on every node.</summary>
    public static string Superuser(Server postgres) => $"{postgres.Name}-superuser";

    public static Map SuperuserSecret(MeshModel mesh, Server postgres) => ExternalSecrets.Document(
        mesh, Superuser(postgres), Postgres.Watched(postgres),
        [new("username", "postgres"), new("password", ExternalSecrets.Hole(postgres.PasswordParameter))], [postgres.PasswordParameter], "kubernetes.io/basic-auth");

    public static Map Account(Server postgres)
    {
        var account = KubernetesNames.Document("v1", "ServiceAccount", Name(postgres), KubernetesNames.Labels(Name(postgres), Migrations.Component));
        account["automountServiceAccountToken"] = false;
        return account;
    }

    public static Map Job(Server postgres, IReadOnlyList<string> workers, IReadOnlyCollection<Workload> owners) => Migrations.Job(
        Name(postgres), Name(postgres),
        new Map
        {
            ["name"] = "register",
            ["image"] = ServerImages.Postgres(postgres),
            ["imagePullPolicy"] = "IfNotPresent",
            ["command"] = new[] { "bash", "-c", Script(postgres, workers) },
            ["resources"] = PodResources.Bounds("100m", "64Mi", "500m", "128Mi"),
            ["securityContext"] = PodHardening.Container(),
            ["volumeMounts"] = new[]
            {
                new Map { ["name"] = "tmp", ["mountPath"] = "/tmp" },
                new Map { ["name"] = "logins", ["mountPath"] = _logins, ["readOnly"] = true },
            },
        },
        new[]
        {
            new Map { ["name"] = "tmp", ["emptyDir"] = new Map { ["sizeLimit"] = "16Mi" } },
            new Map
            {
                ["name"] = "logins",
                ["projected"] = new Map
                {
                    ["defaultMode"] = PodHardening.OwnerAndGroupRead,
                    ["sources"] = owners.Select(o => Login(Postgres.RoleSecret(postgres, o), o.Database!.Name)).Append(Login(Superuser(postgres), "postgres")),
                },
            },
        });

    private static Map Login(string secret, string name) => new()
    {
        ["secret"] = new Map { ["name"] = secret, ["items"] = new[] { new Map { ["key"] = "password", ["path"] = name } } },
    };

    private static string Script(Server postgres, IReadOnlyList<string> workers) => $$"""
        set -eu
        export PGUSER=postgres PGSSLMODE=require PGPASSFILE=/tmp/pgpass
        # Passwords go from a file into a statement; no log gets them.
        export PGOPTIONS='-c log_min_duration_statement=-1 -c log_min_error_statement=panic'
        (umask 077; printf '*:*:*:*:%s\n' "$(sed 's/[\\:]/\\&/g' {{_logins}}/postgres)" >"$PGPASSFILE")
        for login in {{_logins}}/*; do
          export PGDATABASE="$(basename "$login")"
          [ "$PGDATABASE" != postgres ] || continue
          for PGHOST in {{HostOf(postgres.Name)}} {{string.Join(' ', workers.Select(HostOf))}}; do
            export PGHOST
            psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=login="$PGDATABASE" <<'SQL'
        \set superusers `cat {{_logins}}/postgres`
        \set owners `cat "{{_logins}}/$PGDATABASE"`
        BEGIN;
        DELETE FROM pg_dist_authinfo;
        INSERT INTO pg_dist_authinfo (nodeid, rolename, authinfo)
        SELECT 0, rolename, format('password=''%s''', replace(replace(given, '\', '\\'), '''', '\'''))
        FROM (VALUES ('postgres', :'superusers'), (:'login', :'owners')) logins (rolename, given);
        COMMIT;
        SQL
          done
          export PGHOST={{HostOf(postgres.Name)}}
          psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 <<'SQL'
        SELECT citus_set_coordinator_host('{{HostOf(postgres.Name)}}', 5432);
        {{string.Join('\n', workers.Select(w => $"SELECT citus_add_node('{HostOf(w)}', 5432);"))}}
        SQL
          echo "$PGDATABASE: {{Invariant.Text(workers.Count)}} workers"
        done

        """.ReplaceLineEndings("\n");

    private static string HostOf(string cluster) => $"{cluster}-rw.{KubernetesNames.Namespace}.svc";
}

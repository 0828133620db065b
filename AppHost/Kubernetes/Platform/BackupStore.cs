namespace TalentSphere.AppHost.Kubernetes.Platform;

/// <summary>The object store that backups go to, and the key to it.</summary>
internal static class BackupStore
{
    /// <summary>Where the vault keeps the key, and its two halves.</summary>
    public const string Owner = "backup";
    public const string AccessKey = "access-key";
    public const string SecretKey = "secret-key";

    /// <summary>The Secret with the key, as CloudNativePG reads it.</summary>
    public const string Secret = "backup-store";

    public static IReadOnlyList<string> Properties { get; } = [AccessKey, SecretKey];

    /// <summary>The folder of one region's backups.</summary>
    public static string Path(string region) => $"s3://talentsphere-backup-{region}/postgres";

    /// <summary>CloudNativePG's way to it.</summary>
    public static Map Barman(string region, string server) => new()
    {
        ["destinationPath"] = Path(region),
        ["serverName"] = server,
        ["s3Credentials"] = new Map
        {
            ["accessKeyId"] = new Map { ["name"] = Secret, ["key"] = AccessKey },
            ["secretAccessKey"] = new Map { ["name"] = Secret, ["key"] = SecretKey },
        },
        ["wal"] = new Map { ["compression"] = "gzip", ["maxParallel"] = 2 },
        ["data"] = new Map { ["compression"] = "gzip", ["jobs"] = 2 },
    };
}

using System.Security.Cryptography;
using System.Text.Json;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Backup;

/// <summary>What a backup consists of: <c>backup.json</c> beside the dumps, written last.</summary>
/// <param name="TakenAt">When it was begun, UTC.</param>
/// <param name="Databases">Its dumps.</param>
public sealed record BackupContent(DateTime TakenAt, IReadOnlyList<DumpedDatabase> Databases);

/// <summary>One dump.</summary>
/// <param name="Name">The database's name.</param>
/// <param name="File">The file beside <c>backup.json</c>.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its digest, hexadecimal.</param>
public sealed record DumpedDatabase(string Name, string File, long Bytes, string Sha256);

/// <summary>
/// The files of one backup, readable by their owner alone. Beside the dumps it keeps the keys that databases are sealed under (<c>keys.json</c>), without which a dump
/// is worth little; passwords of servers and logins it does not keep.
/// </summary>
public sealed class BackupFolder
{
    private const string _content = "backup.json";
    private const string _keys = "keys.json";
    private const string _sealingKey = "key-encryption-key";
    private const UnixFileMode _file = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode _folder = _file | UnixFileMode.UserExecute;
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private BackupFolder(string path) => FullPath = path;

    /// <summary>Where it is.</summary>
    public string FullPath { get; }

    /// <summary>A new one.</summary>
    /// <exception cref="MeshException">There is something already.</exception>
    public static BackupFolder Create(string path)
    {
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new MeshException($"{path} is not empty");
        return new(Directory.CreateDirectory(Path.GetFullPath(path), _folder).FullName);
    }

    /// <summary>One that is there, whose every file is as it was written.</summary>
    /// <exception cref="MeshException">It is none, is not complete, or was changed.</exception>
    public static async Task<(BackupFolder Folder, BackupContent Content)> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var folder = new BackupFolder(Path.GetFullPath(path));
        if (!File.Exists(folder.In(_content)))
            throw new MeshException($"{path} is no backup, or one that was not finished: it has no {_content}");
        var content = JsonSerializer.Deserialize<BackupContent>(await File.ReadAllBytesAsync(folder.In(_content), cancellationToken), _json)
            ?? throw new MeshException($"{folder.In(_content)} cannot be read");
        foreach (var dump in content.Databases)
        {
            if (!File.Exists(folder.In(dump.File)) || (await DescribeAsync(dump.Name, folder.In(dump.File), cancellationToken)).Sha256 != dump.Sha256)
                throw new MeshException($"{folder.In(dump.File)} is not what was written there");
            await DatabaseDump.CheckAsync(folder.In(dump.File), cancellationToken);
        }
        return (folder, content);
    }

    /// <summary>A file of it.</summary>
    public string In(string name) => Path.Combine(FullPath, Path.GetFileName(name));

    /// <summary>Dumps a database into it.</summary>
    public async Task<DumpedDatabase> AddAsync(string name, string connectionString, CancellationToken cancellationToken)
    {
        var file = In(name + ".dump");
        await DatabaseDump.WriteAsync(connectionString, file, cancellationToken);
        return await DescribeAsync(name, file, cancellationToken);
    }

    /// <summary>Writes what it consists of: from now on it is one.</summary>
    public async Task CompleteAsync(BackupContent content, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken)
    {
        await WritePrivateAsync(In(_keys), parameters.Where(p => p.Key.EndsWith(_sealingKey, StringComparison.Ordinal)).ToDictionary(), cancellationToken);
        await WritePrivateAsync(In(_content), content, cancellationToken);
    }

    /// <summary>The keys that its databases are sealed under.</summary>
    public async Task<IReadOnlyDictionary<string, string>> KeysAsync(CancellationToken cancellationToken) =>
        File.Exists(In(_keys)) ? JsonSerializer.Deserialize<Dictionary<string, string>>(await File.ReadAllBytesAsync(In(_keys), cancellationToken))! : new Dictionary<string, string>();

    /// <summary>The generated parameters of this checkout's mesh.</summary>
    public static async Task<Dictionary<string, string>> ParametersAsync(CancellationToken cancellationToken) =>
        File.Exists(ParametersFile) ? JsonSerializer.Deserialize<Dictionary<string, string>>(await File.ReadAllBytesAsync(ParametersFile, cancellationToken))! : [];

    /// <summary>Exchanges some of them; a mesh takes them up when it starts.</summary>
    public static Task WriteParametersAsync(IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken) =>
        WritePrivateAsync(ParametersFile, new SortedDictionary<string, string>(parameters.ToDictionary(), StringComparer.Ordinal), cancellationToken);

    private static string ParametersFile => Path.Combine(MeshPaths.State, "parameters.json");

    private static async Task<DumpedDatabase> DescribeAsync(string name, string file, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file);
        return new(name, Path.GetFileName(file), stream.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)));
    }

    private static async Task WritePrivateAsync<T>(string path, T content, CancellationToken cancellationToken)
    {
        var next = path + ".part";
        File.Delete(next);
        await using (var stream = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = _file }))
            await JsonSerializer.SerializeAsync(stream, content, _json, cancellationToken);
        File.Move(next, path, overwrite: true);
    }
}

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace TalentSphere.Challenges.Import;

/// <summary>
/// A zip archive of a stranger's. Nothing of it is ever written to disk, no name in it is ever used as a path here, and sizes are counted while
/// reading: what the archive says of itself is not believed.
/// </summary>
internal sealed class PackageArchive : IDisposable
{
    /// <summary>The most bytes of the archive itself.</summary>
    public const int MaxBytes = 10 * 1024 * 1024;

    /// <summary>The most files and folders in it.</summary>
    public const int MaxEntries = 1000;

    /// <summary>The most bytes that are read out of it, all files together.</summary>
    public const int MaxContent = 32 * 1024 * 1024;

    private const int _maxName = 240;
    private const int _fileType = 0xF000;
    private const int _regularFile = 0x8000;
    private const int _folder = 0x4000;

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ZipArchive _zip;
    private readonly SortedDictionary<string, ZipArchiveEntry> _files = new(StringComparer.Ordinal);
    private int _left = MaxContent;

    private PackageArchive(ZipArchive zip) => _zip = zip;

    /// <summary>The files by their path within the package, in order; folders are not among them.</summary>
    public IReadOnlyCollection<string> Paths => _files.Keys;

    /// <exception cref="PackageException">It is no zip archive, or one with names, links or numbers of files that a problem package has no use for.</exception>
    public static PackageArchive Open(byte[] bytes)
    {
        if (CountOf(bytes) > MaxEntries)
            throw new PackageException("archive", $"has more than {MaxEntries} entries");
        ZipArchive zip;
        try
        {
            zip = new ZipArchive(new MemoryStream(bytes, writable: false), ZipArchiveMode.Read);
            // Reads the directory.
            _ = zip.Entries.Count;
        }
        catch (Exception e) when (IsFault(e))
        {
            throw new PackageException("archive", "is no zip archive, or a damaged one");
        }
        var archive = new PackageArchive(zip);
        try
        {
            archive.Read();
            return archive;
        }
        catch (Exception)
        {
            archive.Dispose();
            throw;
        }
    }

    public bool Has(string path) => _files.ContainsKey(path);

    /// <summary>The files in a folder, at any depth, in order.</summary>
    public IEnumerable<string> Under(string folder) => _files.Keys.Where(p => p.StartsWith(folder + "/", StringComparison.Ordinal));

    /// <summary>A file as text: UTF-8 without NUL, without a byte order mark.</summary>
    /// <exception cref="PackageException">It is longer than <paramref name="most"/> bytes, damaged, encrypted, or no such text.</exception>
    public string Text(string path, int most)
    {
        var bytes = Bytes(path, most);
        try
        {
            var text = _strict.GetString(bytes.AsSpan().StartsWith(_strictMark) ? bytes.AsSpan(_strictMark.Length) : bytes);
            return text.Contains('\0') ? throw new PackageException(path, "holds NUL characters") : text;
        }
        catch (DecoderFallbackException)
        {
            throw new PackageException(path, "is not UTF-8");
        }
    }

    public void Dispose() => _zip.Dispose();

    private static ReadOnlySpan<byte> _strictMark => [0xEF, 0xBB, 0xBF];

    private byte[] Bytes(string path, int most)
    {
        var entry = _files[path];
        if (entry.IsEncrypted)
            throw new PackageException(path, "is encrypted");
        try
        {
            using var source = entry.Open();
            using var read = new MemoryStream();
            var buffer = new byte[16 * 1024];
            while (true)
            {
                // One byte more than allowed is enough to know that there are too many.
                var room = Math.Min(buffer.Length, Math.Min(most, _left) - (int)read.Length + 1);
                var count = source.Read(buffer, 0, room);
                if (count == 0)
                    break;
                read.Write(buffer, 0, count);
                if (read.Length > most)
                    throw new PackageException(path, $"is longer than {most} bytes");
                if (read.Length > _left)
                    throw new PackageException(path, $"makes the package longer than {MaxContent} bytes when unpacked");
            }
            _left -= (int)read.Length;
            return read.ToArray();
        }
        catch (Exception e) when (IsFault(e))
        {
            throw new PackageException(path, "is damaged, or packed in a way that is not read here");
        }
    }

    private void Read()
    {
        var faults = new List<ServiceDefaults.Http.FailureDetail>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var files = new List<(string Path, ZipArchiveEntry Entry)>();
        if (_zip.Entries.Count > MaxEntries)
            throw new PackageException("archive", $"has more than {MaxEntries} entries");
        foreach (var entry in _zip.Entries)
        {
            var name = entry.FullName;
            var type = (entry.ExternalAttributes >> 16) & _fileType;
            if (NameFault(name) is { } fault)
                faults.Add(new(Printable(name), fault));
            else if (type is not (0 or _regularFile or _folder))
                faults.Add(new(name, "is a link or a device: a package holds files and folders only"));
            else if (!seen.Add(name.TrimEnd('/')))
                faults.Add(new(name, "is there twice"));
            else if (!name.EndsWith('/') && type != _folder && !IsLitter(name))
                files.Add((name, entry));
        }
        if (faults.Count > 0)
            throw new PackageException([.. faults.Take(50)]);
        // Packed with the folder that it lies in, or without.
        var root = files.Select(f => f.Path).Where(p => Path.GetFileName(p) == "problem.yaml" && p.Count(c => c == '/') <= 1).MinBy(p => p.Length)
            ?? throw new PackageException("problem.yaml", "is missing: it has to lie at the top of the archive, or in its only folder");
        var folder = root[..^"problem.yaml".Length];
        foreach (var (path, entry) in files.Where(f => f.Path.StartsWith(folder, StringComparison.Ordinal)))
            _files[path[folder.Length..]] = entry;
    }

    private static string? NameFault(string name)
    {
        if (name.Length is 0 or > _maxName)
            return $"has a name of more than {_maxName} characters, or none";
        if (name.Any(c => char.IsControl(c) || c == '\uFFFD'))
            return "has a name that is no text";
        if (name.StartsWith('/') || name.Contains('\\') || name.Contains(':') || name.TrimEnd('/').Split('/').Any(part => part is "" or "." or ".."))
            return "has a name that leads out of the archive";
        return null;
    }

    private static string Printable(string name)
    {
        var text = new string([.. name.Take(80).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);
        return text.Length == 0 ? "archive" : text;
    }

    // What file managers leave behind.
    private static bool IsLitter(string name) => name.StartsWith("__MACOSX/", StringComparison.Ordinal) || Path.GetFileName(name) is ".DS_Store" or "Thumbs.db";

    /// <returns>How many entries the archive says that it has, before anything is made of them; 0 when it does not say.</returns>
    private static int CountOf(ReadOnlySpan<byte> zip)
    {
        // APPNOTE.TXT 4.3.16: the end of central directory record, and behind it a comment of 65,535 bytes at most.
        var tail = zip[Math.Max(0, zip.Length - 22 - ushort.MaxValue)..];
        var at = tail.LastIndexOf("PK\u0005\u0006"u8);
        return at >= 0 && at + 12 <= tail.Length ? BinaryPrimitives.ReadUInt16LittleEndian(tail[(at + 10)..]) : 0;
    }

    private static bool IsFault(Exception e) => e is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException;
}

using System.IO.Compression;
using System.Text;

namespace TalentSphere.Challenges.Tests;

/// <summary>Problem packages as authors pack them, and as nobody should.</summary>
internal static class PackageArchives
{
    /// <summary>A small right package: add two numbers.</summary>
    public static Dictionary<string, string> Sum() => new()
    {
        ["problem.yaml"] = """
            problem_format_version: legacy
            name: Two numbers
            author: Ada *Sommer*
            source: Autumn contest
            license: cc by-sa
            keywords: math, Warm-Up
            limits:
              memory: 512
              time_limit: 1.5
            """,
        ["problem_statement/problem.md"] = "\ufeffAdd **two** numbers.\r\n",
        ["data/sample/1.in"] = "1 2\n",
        ["data/sample/1.ans"] = "3\n",
        ["data/sample/1.desc"] = "One and two.",
        ["data/secret/group/b.in"] = "5 6\n",
        ["data/secret/group/b.ans"] = "11\n",
        ["data/secret/a.in"] = "40 2\n",
        ["data/secret/a.ans"] = "42\n",
        ["submissions/accepted/sum.py"] = "print(sum(map(int, input().split())))\n",
        ["submissions/accepted/sum.c"] = "#include <stdio.h>\nint main(void) { int a, b; if (scanf(\"%d %d\", &a, &b) != 2) return 1; printf(\"%d\\n\", a + b); return 0; }\n",
        ["submissions/wrong_answer/three.py"] = "print(3)\n",
        ["submissions/time_limit_exceeded/loop.py"] = "while True:\n    pass\n",
        ["submissions/run_time_error/divide.py"] = "print(1 // 0)\n",
    };

    /// <summary>A right package with a change.</summary>
    public static Dictionary<string, string> Sum(string path, string? text)
    {
        var files = Sum();
        if (text is null)
            files.Remove(path);
        else
            files[path] = text;
        return files;
    }

    /// <summary>A right package with something more, or instead, in its settings.</summary>
    public static Dictionary<string, string> With(params string[] settings) =>
        Sum("problem.yaml", "name: Two numbers\n" + string.Join('\n', settings) + "\n");

    public static byte[] Zip(Dictionary<string, string> files, string folder = "")
    {
        return Zip(zip =>
        {
            foreach (var (path, text) in files)
                Add(zip, folder + path, Encoding.UTF8.GetBytes(text));
        });
    }

    public static byte[] Zip(Action<ZipArchive> fill)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            fill(zip);
        return bytes.ToArray();
    }

    public static ZipArchiveEntry Add(ZipArchive zip, string path, ReadOnlySpan<byte> content)
    {
        var entry = zip.CreateEntry(path);
        using var stream = entry.Open();
        stream.Write(content);
        return entry;
    }
}

using System.Globalization;

namespace TalentSphere.Judge.Languages;

/// <summary>C# by the compiler of the .NET SDK that this worker was built with, and its runtime.</summary>
internal static class CSharp
{
    private const string _settings = "/w/program.runtimeconfig.json";
    private const string _compilerArguments = "/w/csc.rsp";
    private const string _usings = "/w/usings.cs";

    /// <summary>What <c>ImplicitUsings</c> brings to a console program.</summary>
    private static readonly string[] _namespaces =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Text", "System.Threading", "System.Threading.Tasks"];

    public static Language Language { get; } = new()
    {
        Id = "csharp",
        Name = "C#",
        TimeFactor = 1.5,
        Packages = "dotnet-sdk-10.0",
        Programs = new Dictionary<string, IReadOnlyList<string>> { ["dotnet"] = ["/usr/bin/dotnet", "/usr/local/bin/dotnet", "/usr/lib/dotnet/dotnet", "/usr/share/dotnet/dotnet"] },
        Version = tools => [DotNet(tools), "--version"],
        Compile = tools =>
        [
            "/bin/sh", "-c", """cat >/tmp/Main.cs && "$0" exec "$1" -noconfig "@$2" /tmp/Main.cs >&2 && exec cat /tmp/program.dll""", DotNet(tools),
            Newest(Path.Join(Root(tools), "sdk"), Path.Join("Roslyn", "bincore", "csc.dll")), _compilerArguments,
        ],
        Artifact = "/w/program.dll",
        Run = (tools, _) => [DotNet(tools), "exec", "/w/program.dll"],
        Environment = memory => new Dictionary<string, string>
        {
            ["DOTNET_GCHeapHardLimit"] = "0x" + memory.ToString("x", CultureInfo.InvariantCulture),
            ["DOTNET_EnableDiagnostics"] = "0",
            ["DOTNET_EnableWriteXorExecute"] = "0",
            ["DOTNET_TieredPGO"] = "0",
            ["DOTNET_gcConcurrent"] = "0",
            ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_NOLOGO"] = "1",
        },
        Files = tools => new Dictionary<string, string>
        {
            [_settings] = $$"""{"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"{{Environment.Version.Major}}.0.0"} } }""",
            [_usings] = string.Concat(_namespaces.Select(n => $"global using global::{n};\n")),
            [_compilerArguments] = string.Join('\n',
            [
                "-nologo", "-target:exe", "-optimize+", "-debug-", "-deterministic", "-utf8output", "-langversion:latest", "-unsafe", "-nowarn:CS8632",
                "-out:/tmp/program.dll", _usings,
                .. Directory.EnumerateFiles(
                    Newest(Path.Join(Root(tools), "packs", "Microsoft.NETCore.App.Ref"), Path.Join("ref", $"net{Environment.Version.Major}.0")), "*.dll").Select(f => "-r:" + f),
            ]),
        },
        Folders = () => new DirectoryInfo("/usr/bin/dotnet").LinkTarget is { } target && !target.StartsWith("/usr/", StringComparison.Ordinal) && Path.GetDirectoryName(target) is { } root
            ? [root]
            : [],
        Overhead = 96L << 20,
        OutOfMemoryMarks = ["Out of memory.", "System.OutOfMemoryException"],
    };

    private static string DotNet(Toolchain tools) => File.ResolveLinkTarget(tools["dotnet"], returnFinalTarget: true)?.FullName ?? tools["dotnet"];

    private static string Root(Toolchain tools) => Path.GetDirectoryName(DotNet(tools))!;

    /// <summary>In the folder of the highest version below this one.</summary>
    private static string Newest(string folder, string below) =>
        Directory.EnumerateDirectories(folder)
            .Where(d => Path.Exists(Path.Join(d, below)))
            .OrderByDescending(d => System.Version.TryParse(Path.GetFileName(d).Split('-')[0], out var version) ? version : new System.Version(0, 0))
            .Select(d => Path.Join(d, below)).FirstOrDefault() ?? throw new IOException($"there is no {below} in {folder}");
}

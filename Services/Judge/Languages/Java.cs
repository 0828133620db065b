using System.Globalization;

namespace TalentSphere.Judge.Languages;

/// <summary>Java by a JDK; the class with <c>main</c> is <c>Main</c>. Classes travel as an archive that only boxes ever open.</summary>
internal static class Java
{
    private static readonly string[] _quickStart = ["-Xshare:auto", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1"];

    public static Language Language { get; } = new()
    {
        Id = "java",
        Name = "Java",
        TimeFactor = 1.5,
        Packages = "default-jdk-headless",
        Programs = new Dictionary<string, IReadOnlyList<string>>
        {
            ["javac"] = ["/usr/lib/jvm/default-java/bin/javac", "/usr/bin/javac"],
            ["java"] = ["/usr/lib/jvm/default-java/bin/java", "/usr/bin/java"],
        },
        Version = tools => [tools["java"], .. _quickStart, "-version"],
        Compile = tools =>
        [
            "/bin/sh", "-c",
            """
            javac=$0
            cat >/tmp/Main.java && mkdir /tmp/classes &&
            "$javac" "$@" -encoding UTF-8 -proc:none -d /tmp/classes /tmp/Main.java >&2 && exec tar -cf - -C /tmp/classes .
            """,
            tools["javac"], .. _quickStart.Select(o => "-J" + o), "-J-Xmx512m",
        ],
        Artifact = "/w/classes.tar",
        Run = (tools, memory) =>
        [
            "/bin/sh", "-c", "mkdir /tmp/classes && tar -xf /w/classes.tar -C /tmp/classes && exec \"$0\" \"$@\"", tools["java"],
            "-Xshare:auto", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-XX:ErrorFile=/dev/null", "-Xlog:disable", "-Xss64m",
            string.Create(CultureInfo.InvariantCulture, $"-Xmx{memory >> 10}k"), "-cp", "/tmp/classes", "Main",
        ],
        // Debian keeps a JDK's settings there and links to them.
        Folders = () => Directory.EnumerateDirectories("/etc", "java-*-openjdk"),
        Overhead = 160L << 20,
        OutOfMemoryMarks = ["java.lang.OutOfMemoryError"],
    };
}

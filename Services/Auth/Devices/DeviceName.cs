namespace TalentSphere.Auth.Devices;

/// <summary>What people call a device, from what its client calls itself (RFC 9110 §10.1.5). A guess: every client may say what it likes.</summary>
public static class DeviceName
{
    // The first that is found counts: most browsers name those that they descend from as well.
    private static readonly (string Mark, string Name)[] _browsers =
    [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("YaBrowser/", "Yandex"), ("Vivaldi/", "Vivaldi"), ("FxiOS/", "Firefox"),
        ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("HeadlessChrome/", "Chrome"), ("Chrome/", "Chrome"), ("Version/", "Safari"),
    ];

    private static readonly (string Mark, string Name)[] _systems =
    [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"), ("Macintosh", "Mac"), ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ];

    /// <summary>Such as <c>Firefox on Linux</c>; for a program its name and version as it says them; null when it says nothing.</summary>
    public static string? Of(string? userAgent)
    {
        if (string.IsNullOrWhiteSpace(userAgent))
            return null;
        if (!userAgent.StartsWith("Mozilla/", StringComparison.Ordinal))
            return userAgent.Split(' ')[0];
        var browser = Find(_browsers, userAgent);
        var system = Find(_systems, userAgent);
        return (browser, system) switch
        {
            (null, null) => "Unknown browser",
            (null, _) => $"Browser on {system}",
            (_, null) => browser,
            _ => $"{browser} on {system}",
        };
    }

    private static string? Find((string Mark, string Name)[] marks, string userAgent) =>
        Array.Find(marks, m => userAgent.Contains(m.Mark, StringComparison.Ordinal)).Name;
}

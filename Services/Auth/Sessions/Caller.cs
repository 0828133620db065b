namespace TalentSphere.Auth.Sessions;

/// <summary>Where a request came from, as far as it is kept.</summary>
/// <param name="IpAddress">The connection's address.</param>
/// <param name="UserAgent">At most <see cref="MaxUserAgent"/> characters.</param>
internal sealed record Caller(string? IpAddress, string? UserAgent)
{
    public const int MaxUserAgent = 256;

    public static Caller Of(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        if (address is { IsIPv4MappedToIPv6: true })
            address = address.MapToIPv4();
        return new(address?.ToString(), Shorten(context.Request.Headers.UserAgent.ToString()));
    }

    private static string? Shorten(string userAgent)
    {
        var text = string.Concat(userAgent.Where(c => !char.IsControl(c) && !char.IsSurrogate(c)).Take(MaxUserAgent)).Trim();
        return text.Length == 0 ? null : text;
    }
}

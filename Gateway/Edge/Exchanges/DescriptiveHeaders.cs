using Microsoft.Net.Http.Headers;

namespace TalentSphere.Gateway.Edge.Exchanges;

/// <summary>What an answer that is kept keeps of its headers: those that describe it. Cookies, the connection, limits and correlation belong to the exchange that carried it.</summary>
internal static class DescriptiveHeaders
{
    public static readonly string[] Names =
    [
        HeaderNames.ContentType, HeaderNames.ContentLanguage, HeaderNames.ContentLocation, HeaderNames.ContentDisposition, HeaderNames.ContentEncoding,
        HeaderNames.ETag, HeaderNames.LastModified, HeaderNames.Link, HeaderNames.CacheControl, HeaderNames.Vary,
    ];
}

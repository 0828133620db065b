using Microsoft.AspNetCore.Http;

namespace TalentSphere.ServiceDefaults.Http;

/// <summary>The page of a list that a caller asks for; bind it with <c>[AsParameters]</c>.</summary>
/// <param name="Page">From 1; smaller counts as 1.</param>
/// <param name="Limit">Entries per page, 1..100, 20 when absent; what lies outside is clamped.</param>
public readonly record struct Paging(int? Page, int? Limit)
{
    private const int _deepestPage = 1_000_000;

    /// <summary>The page in force, from 1.</summary>
    public int Number => Math.Clamp(Page ?? 1, 1, _deepestPage);

    /// <summary>The entries per page in force, 1..100.</summary>
    public int Size => Math.Clamp(Limit ?? 20, 1, 100);

    /// <summary>Entries before this page.</summary>
    public int Skip => (Number - 1) * Size;

    internal string LinkHeader(HttpRequest request, long total)
    {
        var last = (int)Math.Max(1, (total + Size - 1) / Size);
        var links = new List<string>(4) { Link(request, 1, "first"), Link(request, last, "last") };
        if (Number > 1)
            links.Add(Link(request, Math.Min(Number - 1, last), "prev"));
        if (Number < last)
            links.Add(Link(request, Number + 1, "next"));
        return string.Join(", ", links);
    }

    private string Link(HttpRequest request, int page, string relation)
    {
        var query = QueryString.Create(
            request.Query.Where(q => !q.Key.Equals("page", StringComparison.OrdinalIgnoreCase) && !q.Key.Equals("limit", StringComparison.OrdinalIgnoreCase)))
            .Add("page", page.ToString()).Add("limit", Size.ToString());
        return $"<{request.Path}{query}>; rel=\"{relation}\"";
    }
}

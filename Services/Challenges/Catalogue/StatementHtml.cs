using System.Collections.Frozen;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Markdig;
using Microsoft.Extensions.Caching.Memory;

namespace TalentSphere.Challenges.Catalogue;

/// <summary>
/// Statements as HTML that is safe in anybody's page. Markdig renders the Markdown, an HTML parser reads what came of it as a browser would, and
/// only elements and attributes from short lists are written again; nothing is passed through as text. What it writes holds no script, no style,
/// no foreign content and no element whose content is raw text, so that reading it again gives the same tree.
/// </summary>
internal static partial class StatementHtml
{
    // Deeper than any text needs; what lies deeper keeps its words and loses its tags.
    private const int _deepest = 64;

    private static readonly MarkdownPipeline _pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseEmphasisExtras().UseMathematics().UseAutoLinks().UseDefinitionLists().Build();

    private static readonly FrozenSet<string> _allowed = FrozenSet.ToFrozenSet(
        [
            "a", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "ins", "kbd",
            "li", "mark", "ol", "p", "pre", "s", "samp", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul", "var",
        ], StringComparer.Ordinal);

    // b and i mean the same in a text.
    private static readonly FrozenDictionary<string, string> _renamed =
        new Dictionary<string, string> { ["b"] = "strong", ["i"] = "em", ["strike"] = "del" }.ToFrozenDictionary();

    // Their content is no text of the statement.
    private static readonly FrozenSet<string> _dropped = FrozenSet.ToFrozenSet(
        [
            "applet", "audio", "base", "button", "canvas", "embed", "frame", "frameset", "head", "iframe", "link", "math", "meta", "noembed", "noframes",
            "noscript", "object", "option", "plaintext", "script", "select", "style", "svg", "template", "textarea", "title", "video", "xmp",
        ], StringComparer.Ordinal);

    // What is read often is rendered once; 16 Mi characters at most. Some 64 KiB of brackets take a second or two.
    private static readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = 16 * 1024 * 1024 });

    private static readonly FrozenSet<string> _empty = FrozenSet.ToFrozenSet(["br", "hr", "img"], StringComparer.Ordinal);

    /// <summary>Renders a statement. Never fails: Markdown that is nested beyond reason comes out as plain text.</summary>
    public static string Of(string markdown)
    {
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(markdown)));
        if (_known.TryGetValue(key, out string? known))
            return known!;
        var html = Render(markdown);
        _known.Set(key, html, new MemoryCacheEntryOptions { Size = html.Length });
        return html;
    }

    private static string Render(string markdown)
    {
        string html;
        try
        {
            html = Markdown.ToHtml(markdown, _pipeline);
        }
        catch (ArgumentException)
        {
            // Markdig's own limit of nesting.
            return $"<pre>{WebUtility.HtmlEncode(markdown)}</pre>";
        }
        return Clean(html);
    }

    /// <summary>Writes again what of some HTML is allowed, until a browser would read the outcome as it stands.</summary>
    internal static string Clean(string html)
    {
        // A tag that is left out may leave its neighbours where they cannot stand: a paragraph in a paragraph is two.
        for (var round = 0; round < 4; round++)
        {
            var clean = Rewrite(html);
            if (clean == html)
                break;
            html = clean;
        }
        return html;
    }

    private static string Rewrite(string html)
    {
        var document = new HtmlParser(new HtmlParserOptions { IsScripting = false }).ParseDocument("");
        var nodes = new HtmlParser(new HtmlParserOptions { IsScripting = false }).ParseFragment(html, document.Body!);
        var output = new StringBuilder(html.Length);
        // Not by recursion: a few thousand nested tags would end the process.
        var waiting = new Stack<(INode? Node, string? End, int Depth)>();
        foreach (var node in nodes.Reverse())
            waiting.Push((node, null, 0));
        while (waiting.TryPop(out var next))
        {
            if (next.Node is null)
                output.Append(next.End);
            else if (next.Node is IText text)
                output.Append(WebUtility.HtmlEncode(text.Data));
            else if (next.Node is IElement element && element.NamespaceUri == NamespaceNames.HtmlUri && !_dropped.Contains(element.LocalName))
                Write(element, next.Depth);
        }
        return output.ToString();

        void Write(IElement element, int depth)
        {
            var name = _renamed.GetValueOrDefault(element.LocalName, element.LocalName);
            var attributes = _allowed.Contains(name) && depth < _deepest ? Attributes(name, element) : null;
            if (attributes is not null)
                output.Append('<').Append(name).Append(attributes).Append('>');
            if (_empty.Contains(name))
                return;
            if (attributes is not null)
                waiting.Push((null, $"</{name}>", depth));
            for (var i = element.ChildNodes.Length - 1; i >= 0; i--)
                waiting.Push((element.ChildNodes[i], null, depth + 1));
        }
    }

    /// <returns>Null when the element is nothing without an attribute that it does not have.</returns>
    private static string? Attributes(string name, IElement element) => name switch
    {
        "a" => SafeAddress(element.GetAttribute("href"), "http", "https", "mailto") is { } address
            ? Attribute("href", address) + Attribute("title", element.GetAttribute("title")) + """ rel="nofollow noopener noreferrer ugc" """.TrimEnd()
            : null,
        "img" => SafeAddress(element.GetAttribute("src"), "https") is { } source
            ? Attribute("src", source) + Attribute("alt", element.GetAttribute("alt") ?? "") + Attribute("title", element.GetAttribute("title"))
                + """ loading="lazy" referrerpolicy="no-referrer" """.TrimEnd()
            : null,
        "code" => LanguageClass().IsMatch(element.ClassName ?? "") ? Attribute("class", element.ClassName) : "",
        "div" or "span" => element.ClassName == "math" ? Attribute("class", "math") : null,
        "ol" => int.TryParse(element.GetAttribute("start"), out var start) && start is > 1 and < 100_000 ? Attribute("start", start.ToString()) : "",
        "td" or "th" => Alignment().Match(element.GetAttribute("align") ?? element.GetAttribute("style") ?? "") is { Success: true } match
            ? Attribute("align", match.Groups[1].Value)
            : "",
        _ => "",
    };

    private static string Attribute(string name, string? value) => value is null ? "" : $" {name}=\"{WebUtility.HtmlEncode(value)}\"";

    /// <returns>The address as a browser would read it, when its scheme is one of those; else null.</returns>
    private static string? SafeAddress(string? address, params ReadOnlySpan<string> schemes)
    {
        if (address is null)
            return null;
        // Browsers skip control characters at the ends, and tabs and line ends anywhere: java<tab>script: is a scheme to them.
        var read = new string([.. address.Where(c => c is not ('\t' or '\n' or '\r'))]).Trim([.. Enumerable.Range(0, 33).Select(i => (char)i)]);
        if (!Uri.TryCreate(read, UriKind.Absolute, out var uri) || !schemes.Contains(uri.Scheme))
            return null;
        // Not what a lenient reader makes of it: the scheme must stand there in letters.
        var isPlain = read.StartsWith(uri.Scheme + ":", StringComparison.OrdinalIgnoreCase) && (uri.Scheme == "mailto" || uri.Host.Length > 0);
        return isPlain ? uri.AbsoluteUri : null;
    }

    [GeneratedRegex(@"\Alanguage-[A-Za-z0-9+#-]{1,30}\z")]
    private static partial Regex LanguageClass();

    [GeneratedRegex(@"\A(?:text-align: )?(left|center|right);?\z")]
    private static partial Regex Alignment();
}

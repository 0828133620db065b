using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.ResponseCaching;

/// <summary>The gateway's own cache: what is kept, for whom, and for how long.</summary>
[Collection(nameof(ScriptedGateway))]
public sealed class ResponseCacheTests(ScriptedGateway gateway)
{
    private const string _public = "public, max-age=60, stale-while-revalidate=300";

    [Fact]
    public async Task A_public_answer_is_asked_for_once()
    {
        var resource = Counter(_public);
        var first = await AskAsync(resource.Path);
        first.Cache.ShouldBe("MISS");
        var second = await AskAsync(resource.Path);
        second.Cache.ShouldBe("HIT");
        second.Body.ShouldBe(first.Body);
        second.Headers.ETag.ShouldBe(first.Headers.ETag);
        second.Headers.CacheControl!.ToString().ShouldContain("max-age=60");
        second.Headers.Age.ShouldNotBeNull();
        second.Headers.GetValues("x-correlation-id").ShouldNotBe(first.Headers.GetValues("x-correlation-id"));
        using var head = await gateway.Anonymous().SendAsync(new(HttpMethod.Head, resource.Path));
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        head.Content.Headers.ContentLength.ShouldBe(Encoding.UTF8.GetByteCount(first.Body));
        head.Headers.GetValues("X-Cache").ShouldBe(["HIT"]);
        resource.Asked.ShouldBe(1);
        (await gateway.Anonymous().GetStringAsync("/metrics")).ShouldContain("cache_hits_total{cache=\"responses\"}");
    }

    [Theory]
    [InlineData("private, max-age=60", 200, null)]
    [InlineData("no-store", 200, null)]
    [InlineData("max-age=60", 200, null)]
    [InlineData("public", 200, null)]
    [InlineData("public, max-age=0", 200, null)]
    [InlineData("public, no-cache, max-age=60", 200, null)]
    [InlineData("public, private, max-age=60", 200, null)]
    [InlineData("garbage, public, max-age=x", 200, null)]
    [InlineData("", 200, null)]
    [InlineData(_public, 404, null)]
    [InlineData(_public, 500, null)]
    [InlineData(_public, 200, "Set-Cookie")]
    [InlineData(_public, 200, "Vary")]
    public async Task Nothing_else_is_kept(string cacheControl, int status, string? header)
    {
        var resource = gateway.Upstream.Serve("/api/v1/cached", context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.CacheControl = cacheControl;
            if (header is not null)
                context.Response.Headers[header] = "*";
            return context.Response.WriteAsync(Guid.CreateVersion7().ToString());
        });
        var bodies = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            var answer = await AskAsync(resource.Path);
            answer.Cache.ShouldBe("MISS");
            bodies.Add(answer.Body);
        }
        bodies.Count.ShouldBe(3);
        resource.Asked.ShouldBe(3);
    }

    [Fact]
    public async Task A_route_that_says_nothing_of_a_cache_has_none()
    {
        var resource = Counter(_public, "/api/v1/scripted");
        for (var i = 0; i < 2; i++)
            (await AskAsync(resource.Path)).Cache.ShouldBeNull();
        resource.Asked.ShouldBe(2);
    }

    [Theory]
    [InlineData(_public, 1)]
    [InlineData("private", 3)]
    public async Task Who_has_the_answer_is_told_so(string cacheControl, int asked)
    {
        var resource = gateway.Upstream.Serve("/api/v1/cached", context =>
        {
            context.Response.Headers.CacheControl = cacheControl;
            context.Response.Headers.ETag = "\"seven\"";
            return context.Response.WriteAsync("{}");
        });
        // Also when nothing is kept yet: what goes upstream is the question without the condition.
        foreach (var tag in (string[])["\"seven\"", "W/\"seven\", \"x\""])
        {
            var answer = await AskAsync(resource.Path, ("If-None-Match", tag));
            answer.Status.ShouldBe(HttpStatusCode.NotModified);
            answer.Body.ShouldBeEmpty();
            answer.Headers.ETag!.Tag.ShouldBe("\"seven\"");
            if (asked > 1)
                break;
        }
        (await AskAsync(resource.Path, ("If-None-Match", "\"eight\""))).Body.ShouldBe("{}");
        (await AskAsync(resource.Path)).Body.ShouldBe("{}");
        resource.Asked.ShouldBe(asked);
    }

    [Fact]
    public async Task Many_that_wait_are_one_request_upstream()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var resource = gateway.Upstream.Serve("/api/v1/cached", async context =>
        {
            arrived.TrySetResult();
            await gate.Task;
            context.Response.Headers.CacheControl = _public;
            await context.Response.WriteAsync(Guid.CreateVersion7().ToString());
        });
        var asked = Enumerable.Range(0, 30).Select(_ => AskAsync(resource.Path)).ToList();
        await arrived.Task;
        gate.SetResult();
        (await Task.WhenAll(asked)).Select(a => a.Body).Distinct().Count().ShouldBe(1);
        resource.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task Many_that_waited_for_what_is_private_each_ask_for_themselves()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var resource = gateway.Upstream.Serve("/api/v1/cached", async context =>
        {
            arrived.TrySetResult();
            await gate.Task;
            context.Response.Headers.CacheControl = "private";
            await context.Response.WriteAsync(context.Request.Headers["x-user-id"].ToString());
        });
        var users = Enumerable.Range(0, 10).Select(_ => Guid.CreateVersion7()).ToList();
        var asked = users.Select(user => AskAsync(resource.Path, gateway.SignedIn(user, "jobseeker"))).ToList();
        await arrived.Task;
        gate.SetResult();
        (await Task.WhenAll(asked)).Select(a => a.Body).ShouldBe(users.Select(u => u.ToString()));
        resource.Asked.ShouldBe(10);
    }

    [Fact]
    public async Task Who_asked_first_may_hang_up_without_harm_to_those_who_wait()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var resource = gateway.Upstream.Serve("/api/v1/cached", async context =>
        {
            arrived.TrySetResult();
            await gate.Task;
            context.Response.Headers.CacheControl = _public;
            await context.Response.WriteAsync("kept");
        });
        using var patience = new CancellationTokenSource();
        var first = gateway.Anonymous().GetAsync(resource.Path, patience.Token);
        await arrived.Task;
        var second = AskAsync(resource.Path);
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        (await second).Body.ShouldBe("kept");
        resource.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task An_upstream_that_fails_is_not_asked_by_everybody_who_waited()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var resource = gateway.Upstream.Serve("/api/v1/cached", async context =>
        {
            arrived.TrySetResult();
            await gate.Task;
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsync("{}");
        });
        using var inFlight = new InstrumentReader(gateway.Services, "http.server.active_requests");
        var first = AskAsync(resource.Path);
        await arrived.Task;
        var others = Enumerable.Range(0, 20).Select(_ => AskAsync(resource.Path)).ToList();
        await Eventually.TrueAsync(() => inFlight.Read() >= 21, "all of them to be waiting");
        gate.SetResult();
        (await first).Status.ShouldBe(HttpStatusCode.InternalServerError);
        (await Task.WhenAll(others)).ShouldAllBe(a => a.Status >= HttpStatusCode.InternalServerError);
        // Whoever came to the cache just after the first had failed may have formed one more queue or two.
        resource.Asked.ShouldBeLessThan(10);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_503_and_not_kept()
    {
        var resource = gateway.Upstream.Serve("/api/v1/cached", context =>
        {
            context.Response.Headers.CacheControl = _public;
            return ScriptedUpstream.BreakOffAsync(context);
        });
        (await AskAsync(resource.Path)).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        resource.Answer = Counter(_public).Answer;
        (await AskAsync(resource.Path)).Cache.ShouldBe("MISS");
        (await AskAsync(resource.Path)).Cache.ShouldBe("HIT");
    }

    [Fact]
    public async Task A_long_answer_passes_whole_and_is_not_kept()
    {
        var resource = gateway.Upstream.Serve("/api/v1/cached", context =>
        {
            context.Response.Headers.CacheControl = _public;
            return context.Response.WriteAsync(new string('x', 1_500_000));
        });
        for (var i = 0; i < 2; i++)
        {
            var answer = await AskAsync(resource.Path);
            answer.Cache.ShouldBe("MISS");
            answer.Body.Length.ShouldBe(1_500_000);
        }
    }

    [Fact]
    public async Task A_stale_answer_is_served_while_one_request_fetches_the_next()
    {
        var gate = new TaskCompletionSource();
        var resource = Aged("old");
        (await AskAsync(resource.Path)).Body.ShouldBe("old");
        resource.Answer = async context =>
        {
            await gate.Task;
            context.Response.Headers.CacheControl = _public;
            await context.Response.WriteAsync("new");
        };
        var stale = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync(resource.Path)));
        stale.ShouldAllBe(a => a.Cache == "STALE" && a.Body == "old");
        gate.SetResult();
        await Eventually.SeesAsync(() => AskAsync(resource.Path), a => a is { Cache: "HIT", Body: "new" }, "the new answer");
        resource.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_asked_for_again_is_asked_for_in_the_name_of_the_same_tenant()
    {
        var tenants = new ConcurrentQueue<string>();
        var resource = Aged("old");
        var aged = resource.Answer;
        resource.Answer = context =>
        {
            tenants.Enqueue(context.Request.Headers["X-Tenant-ID"].ToString());
            return aged(context);
        };
        var member = gateway.WithToken(TestTokens.MintForTenant(Guid.CreateVersion7(), "globex", "employer"));
        (await CacheAnswer.ReadAsync(member, resource.Path)).Cache.ShouldBe("MISS");
        (await CacheAnswer.ReadAsync(member, resource.Path)).Cache.ShouldBe("STALE");
        await Eventually.TrueAsync(() => tenants.Count >= 2, "the refresh");
        tenants.ShouldBe(["globex", "globex"]);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(500)]
    public async Task Nobody_waits_for_how_fast_somebody_else_reads(int status)
    {
        var (arrived, gate, asked) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        var resource = gateway.Upstream.Serve("/api/v1/cached", async context =>
        {
            context.Response.Headers.CacheControl = _public;
            if (Interlocked.Increment(ref asked) > 1)
            {
                await context.Response.WriteAsync("quick");
                return;
            }
            arrived.SetResult();
            await gate.Task;
            context.Response.StatusCode = status;
            // More than the sockets in between take.
            await context.Response.Body.WriteAsync(new byte[32 * 1024 * 1024], context.RequestAborted);
        });
        using var slow = new TcpClient();
        await slow.ConnectAsync(gateway.Address.Host, gateway.Address.Port);
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {resource.Path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        await arrived.Task;
        var other = AskAsync(resource.Path);
        gate.SetResult();
        (await other.WaitAsync(TimeSpan.FromSeconds(20))).Body.ShouldBe("quick");
    }

    [Fact]
    public async Task A_stale_answer_stays_while_the_upstream_fails_and_goes_when_it_is_private_now()
    {
        var resource = Aged("old");
        await AskAsync(resource.Path);
        resource.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        };
        (await AskAsync(resource.Path)).Cache.ShouldBe("STALE");
        await Eventually.TrueAsync(() => resource.Asked == 2, "the refresh");
        (await AskAsync(resource.Path)).Body.ShouldBe("old");

        var other = Aged("draft no more");
        await AskAsync(other.Path);
        other.Answer = context => context.Response.WriteAsync("private now");
        await AskAsync(other.Path);
        await Eventually.SeesAsync(() => AskAsync(other.Path), a => a is { Cache: "MISS", Body: "private now" }, "the old answer to go");
    }

    [Fact]
    public async Task What_an_answer_varies_by_is_kept_apart()
    {
        var resource = gateway.Upstream.Serve("/api/v1/cached", context =>
        {
            context.Response.Headers.CacheControl = _public;
            context.Response.Headers.Vary = "Accept";
            return context.Response.WriteAsync($"as {context.Request.Headers.Accept}");
        });
        foreach (var (type, cache) in new[] { ("application/json", "MISS"), ("application/ld+json", "MISS"), ("application/json", "HIT"), ("application/ld+json", "HIT") })
        {
            var answer = await AskAsync(resource.Path, ("Accept", type));
            answer.Body.ShouldBe($"as {type}");
            answer.Cache.ShouldBe(cache);
        }
    }

    [Fact]
    public async Task Addresses_that_only_look_alike_are_kept_apart()
    {
        var resource = Echo();
        string[] addresses = [resource.Path, resource.Path + "?b", resource.Path + "?b=", resource.Path + "?B"];
        foreach (var cache in (string[])["MISS", "HIT"])
        {
            foreach (var address in addresses)
            {
                var answer = await AskAsync(address);
                answer.Cache.ShouldBe(cache, address);
                answer.Body.ShouldContain($"[{new Uri(gateway.Address, address).Query}]");
            }
        }
        // The path of a resource that has a question mark in its name.
        (await AskAsync(resource.Path + "%3Fb")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_is_not_part_of_the_address_leaves_no_trace_in_what_others_get()
    {
        var resource = Echo();
        await AskAsync(resource.Path, ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "gopher"), ("X-Forwarded-Prefix", "/evil"), ("X-Original-URL", "/evil"),
            ("x-user-id", "evil"), ("X-Correlation-Id", "evil-1"));
        var second = await AskAsync(resource.Path);
        second.Cache.ShouldBe("HIT");
        second.Body.ShouldNotContain("evil");
        second.Headers.ToString().ShouldNotContain("evil");
    }

    [Fact]
    public async Task Who_asks_for_the_newest_gets_it_and_so_do_the_others_then()
    {
        var resource = Counter(_public);
        var first = await AskAsync(resource.Path);
        var newest = await AskAsync(resource.Path, ("Cache-Control", "no-cache"));
        newest.Cache.ShouldBe("MISS");
        newest.Body.ShouldNotBe(first.Body);
        (await AskAsync(resource.Path)).Body.ShouldBe(newest.Body);
    }

    [Fact]
    public async Task What_a_body_says_is_kept_for_nobody()
    {
        var resource = gateway.Upstream.Serve("/api/v1/cached", async context =>
        {
            context.Response.Headers.CacheControl = _public;
            await context.Response.WriteAsync("said " + await new StreamReader(context.Request.Body).ReadToEndAsync());
        });
        foreach (var chunked in (bool[])[false, true])
        {
            var request = new HttpRequestMessage(HttpMethod.Get, resource.Path) { Content = new StringContent("evil"), Headers = { TransferEncodingChunked = chunked } };
            (await gateway.Anonymous().ReadAsync(request)).Body.ShouldBe("said evil");
        }
        (await AskAsync(resource.Path)).Body.ShouldBe("said ");
    }

    [Fact]
    public async Task A_head_that_asks_for_the_newest_leaves_no_empty_answer_behind()
    {
        var resource = Counter(_public);
        var request = new HttpRequestMessage(HttpMethod.Head, resource.Path) { Headers = { { "Cache-Control", "no-cache" } } };
        using (await gateway.Anonymous().SendAsync(request))
            (await AskAsync(resource.Path)).Body.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_refusal_keeps_nobody_from_what_may_be_kept()
    {
        var resource = gateway.Upstream.Serve("/api/v1/cached", context =>
        {
            if (context.Request.Headers.Accept == "image/png")
                context.Response.StatusCode = StatusCodes.Status406NotAcceptable;
            else
                context.Response.Headers.CacheControl = _public;
            return context.Response.WriteAsync("{}");
        });
        (await AskAsync(resource.Path, ("Accept", "image/png"))).Status.ShouldBe(HttpStatusCode.NotAcceptable);
        await AskAsync(resource.Path);
        (await AskAsync(resource.Path)).Cache.ShouldBe("HIT");
    }

    /// <summary>Another answer each time.</summary>
    private Resource Counter(string cacheControl, string area = "/api/v1/cached") => gateway.Upstream.Serve(area, context =>
    {
        context.Response.Headers.CacheControl = cacheControl;
        context.Response.Headers.ETag = $"\"{Guid.CreateVersion7()}\"";
        return context.Response.WriteAsync($"{{\"made\":\"{Guid.CreateVersion7()}\"}}");
    });

    /// <summary>Answers with what could poison an answer.</summary>
    private Resource Echo() => gateway.Upstream.Serve("/api/v1/cached", context =>
    {
        context.Response.Headers.CacheControl = _public;
        var headers = context.Request.Headers;
        return context.Response.WriteAsync(
            $"[{context.Request.QueryString}] {headers["X-Forwarded-Host"]} {headers["X-Forwarded-Proto"]} {headers["X-Forwarded-Prefix"]} {headers["x-user-id"]}");
    });

    /// <summary>An answer that was too old when it came: stale from the first moment.</summary>
    private Resource Aged(string body) => gateway.Upstream.Serve("/api/v1/cached", context =>
    {
        context.Response.Headers.CacheControl = _public;
        context.Response.Headers.Age = "100";
        return context.Response.WriteAsync(body);
    });

    private Task<CacheAnswer> AskAsync(string path, params (string Name, string Value)[] headers) => CacheAnswer.ReadAsync(gateway.Anonymous(), path, headers);

    private static Task<CacheAnswer> AskAsync(string path, HttpClient client) => CacheAnswer.ReadAsync(client, path);
}

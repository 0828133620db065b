using System.Diagnostics;
using System.Net;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Limits;

/// <summary>Limits as callers meet them, at two gateways that share them.</summary>
public sealed class LimitTests(LimitGateways gateways) : IClassFixture<LimitGateways>
{
    private const string _public = "/api/v1/courses";
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Of_three_hundred_requests_of_one_address_to_two_gateways_a_hundred_pass()
    {
        var address = LimitGateways.NewAddress();
        using var first = LimitGateways.From(address, gateways.First);
        using var second = LimitGateways.From(address, gateways.Second);
        var passed = await LimitGateways.CountPassedAsync(Enumerable.Range(0, 300).Select(i => (i % 2 == 0 ? first : second).AskAsync(_public)));
        passed.ShouldBeInRange(98, 102);
    }

    [Fact]
    public async Task What_one_gateway_does_not_use_the_other_one_has()
    {
        var address = LimitGateways.NewAddress();
        using var first = LimitGateways.From(address, gateways.First);
        using var second = LimitGateways.From(address, gateways.Second);
        // A steady caller is given permits in advance.
        var passed = 0;
        for (var i = 0; i < 30; i++)
            passed += await LimitGateways.CountPassedAsync([first.AskAsync(_public)]);
        passed += await LimitGateways.CountPassedAsync(Enumerable.Range(0, 150).Select(_ => second.AskAsync(_public)));
        passed.ShouldBeInRange(98, 102);
    }

    [Fact]
    public async Task An_answer_says_what_is_left_and_nothing_of_what_an_upstream_says()
    {
        using var client = LimitGateways.From(LimitGateways.NewAddress(), gateways.First);
        var headers = (await client.AskAsync("/api/v1/courses/boastful")).Headers;
        headers.GetValues("RateLimit-Policy").ShouldBe(["\"anonymous\";q=100;w=900"]);
        headers.GetValues("RateLimit").ShouldBe(["\"anonymous\";r=99;t=900"]);
        headers.GetValues("X-RateLimit-Limit").ShouldBe(["100"]);
        headers.GetValues("X-RateLimit-Remaining").ShouldBe(["99"]);
        headers.GetValues("X-RateLimit-Reset").ShouldBe(["900"]);
        (await client.AskAsync("/api/v1/nothing")).Headers.GetValues("X-RateLimit-Remaining").ShouldBe(["98"]);
    }

    [Fact]
    public async Task The_eleventh_sign_in_of_an_address_is_refused_and_a_refresh_is_not()
    {
        using var client = LimitGateways.From(LimitGateways.NewAddress(), gateways.First);
        string[] paths = ["login", "register", "password/forgot", "password/reset", "password/change"];
        for (var i = 0; i < 10; i++)
            (await client.PostAsync($"/api/v1/auth/{paths[i % paths.Length]}", new { })).Status.ShouldBe(HttpStatusCode.OK);
        var refused = await client.PostAsync("/api/v1/auth/LOGIN/", new { });
        refused.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Code.ShouldBe("RATE_LIMITED");
        refused.Json["success"]!.GetValue<bool>().ShouldBeFalse();
        refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(890, 900);
        refused.Headers.GetValues("RateLimit-Policy").ShouldBe(["\"anonymous\";q=100;w=900, \"sign-in\";q=10;w=900"]);
        refused.Headers.GetValues("RateLimit").Single().ShouldMatch("^\"anonymous\";r=89;t=[0-9]+, \"sign-in\";r=0;t=[0-9]+$");
        refused.Headers.GetValues("X-RateLimit-Limit").ShouldBe(["10"]);
        (await client.PostAsync("/api/v1/auth/refresh", new { })).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_user_has_a_burst_of_twenty_then_waits_and_then_is_refused()
    {
        using var client = LimitGateways.From(LimitGateways.NewAddress(), gateways.First, TestTokens.Mint(Guid.CreateVersion7(), "jobseeker"));
        var watch = Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ => (Answer: await client.AskAsync(_public), At: watch.Elapsed)));
        var passed = answers.Where(a => a.Answer.Status != HttpStatusCode.TooManyRequests).ToList();
        // Twenty at once, ten that wait for the second in which their tokens come, and what came in while the requests did.
        passed.Count.ShouldBeInRange(30, 30 + (int)Math.Ceiling(watch.Elapsed.TotalSeconds * 10));
        passed.Max(a => a.At).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(900));
        answers.Except(passed).ShouldAllBe(a => a.Answer.Code == "RATE_LIMITED" && a.Answer.Headers.RetryAfter!.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task Submissions_have_a_limit_beside_the_users_own()
    {
        var token = TestTokens.Mint(Guid.CreateVersion7(), "jobseeker");
        using var client = LimitGateways.From(LimitGateways.NewAddress(), gateways.First, token);
        var headers = (await client.PostAsync("/api/v1/challenges/1/submissions", new { })).Headers;
        headers.GetValues("RateLimit-Policy").ShouldBe(["\"user\";q=20;w=2, \"submission\";q=5;w=3"]);
        headers.GetValues("X-RateLimit-Remaining").ShouldBe(["4"]);
        (await client.AskAsync("/api/v1/submissions")).Headers.GetValues("RateLimit-Policy").ShouldBe(["\"user\";q=20;w=2"]);
    }

    [Fact]
    public async Task Replicas_count_themselves() =>
        await Eventually.SeesAsync(() => gateways.Redis.SortedSetLengthAsync("gateway:limit-replicas"), count => count == 2, "both gateways to be there");

    [Fact]
    public async Task An_address_that_a_stranger_claims_to_forward_for_counts_for_nothing()
    {
        using var client = LimitGateways.From(LimitGateways.NewAddress(), gateways.First);
        (await ForwardedAsync(client, "203.0.113.1")).ShouldBe("99");
        (await ForwardedAsync(client, "203.0.113.2")).ShouldBe("98");
    }

    [Fact]
    public async Task Behind_a_proxy_of_ours_the_nearest_address_that_it_names_counts()
    {
        using var client = LimitGateways.From(IPAddress.Parse("127.9.0.1"), gateways.First);
        (await ForwardedAsync(client, "198.51.100.7, 203.0.113.77")).ShouldBe("99");
        (await ForwardedAsync(client, "198.51.100.8, 203.0.113.77")).ShouldBe("98");
        // One IPv6 customer has a /64.
        (await ForwardedAsync(client, "2001:db8:7:7::1")).ShouldBe("99");
        (await ForwardedAsync(client, "2001:db8:7:7:ffff::2")).ShouldBe("98");
        (await ForwardedAsync(client, "2001:db8:7:8::1")).ShouldBe("99");
    }

    [Fact]
    public async Task A_bad_token_counts_against_the_address()
    {
        using var client = LimitGateways.From(LimitGateways.NewAddress(), gateways.First, "a.b.c");
        (await client.AskAsync(_public)).Headers.GetValues("RateLimit").ShouldBe(["\"anonymous\";r=99;t=900"]);
        var refused = await client.AskAsync(_public);
        refused.Status.ShouldBe(HttpStatusCode.Unauthorized);
        refused.Headers.GetValues("X-RateLimit-Remaining").ShouldBe(["98"]);
    }

    [Theory]
    [InlineData("GET", "/health")]
    [InlineData("GET", "/ready")]
    [InlineData("GET", "/metrics")]
    [InlineData("OPTIONS", "/api/v1/auth/login")]
    public async Task Probes_and_preflights_are_not_counted(string method, string path)
    {
        using var client = LimitGateways.From(LimitGateways.NewAddress(), gateways.First);
        var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Headers = { { "Origin", GatewayFixture.ListedOrigin }, { "Access-Control-Request-Method", "POST" } },
        };
        (await client.ReadAsync(request)).Headers.Contains("RateLimit").ShouldBeFalse();
        (await client.AskAsync(_public)).Headers.GetValues("X-RateLimit-Remaining").ShouldBe(["99"]);
    }

    [Fact]
    public async Task While_Redis_is_silent_each_gateway_grants_its_share_and_afterwards_all_of_it_counts()
    {
        var address = LimitGateways.NewAddress();
        using var first = LimitGateways.From(address, gateways.First);
        using var second = LimitGateways.From(address, gateways.Second);
        var passed = await LimitGateways.CountPassedAsync(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? first : second).AskAsync(_public)));
        passed.ShouldBe(40);
        // The first has to ask again, and so learns what the second passed.
        await gateways.UnleasedAsync();
        passed += await LimitGateways.CountPassedAsync([first.AskAsync(_public)]);
        passed.ShouldBe(41);

        foreach (var cable in gateways.Cables)
            cable.Silence();
        var newcomer = LimitGateways.NewAddress();
        using var third = LimitGateways.From(newcomer, gateways.First);
        try
        {
            await gateways.AloneAsync();
            InstrumentReader.Read(gateways.ServicesOfFirst, "gateway_limit_store_up").ShouldBe(0);
            var alone = await LimitGateways.CountPassedAsync(Enumerable.Range(0, 40).Select(_ => first.AskAsync(_public)));
            // Half of the 59 that were left, less what it had leased at that moment.
            alone.ShouldBeInRange(15, 30);
            passed += alone;
            // Nobody knew this one: the gateway grants half of its limit.
            (await LimitGateways.CountPassedAsync(Enumerable.Range(0, 80).Select(_ => third.AskAsync(_public)))).ShouldBe(50);
        }
        finally
        {
            foreach (var cable in gateways.Cables)
                cable.Resume();
            await gateways.SharedAsync(_bound);
        }
        passed += await LimitGateways.CountPassedAsync(Enumerable.Range(0, 100).Select(_ => second.AskAsync(_public)));
        passed.ShouldBeInRange(98, 102);
        using var fourth = LimitGateways.From(newcomer, gateways.Second);
        (await LimitGateways.CountPassedAsync(Enumerable.Range(0, 80).Select(_ => fourth.AskAsync(_public)))).ShouldBeInRange(48, 52);
    }

    [Fact]
    public async Task A_Redis_that_comes_back_without_its_memory_is_told_what_was_spent()
    {
        var address = LimitGateways.NewAddress();
        using var first = LimitGateways.From(address, gateways.First);
        using var second = LimitGateways.From(address, gateways.Second);
        var passed = await LimitGateways.CountPassedAsync(Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? first : second).AskAsync(_public)));

        foreach (var cable in gateways.Cables)
            cable.PullOut();
        try
        {
            await gateways.AloneAsync();
            await gateways.Redis.ExecuteAsync("FLUSHALL");
            passed += await LimitGateways.CountPassedAsync([first.AskAsync(_public), second.AskAsync(_public)]);
        }
        finally
        {
            foreach (var cable in gateways.Cables)
                cable.PutBack();
            await gateways.SharedAsync(_bound);
        }
        passed += await LimitGateways.CountPassedAsync(Enumerable.Range(0, 100).Select(_ => first.AskAsync(_public)));
        passed.ShouldBeInRange(98, 102);
    }

    private static async Task<string> ForwardedAsync(HttpClient client, string addresses)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, _public);
        request.Headers.Add("X-Forwarded-For", addresses);
        return (await client.ReadAsync(request)).Headers.GetValues("X-RateLimit-Remaining").Single();
    }
}

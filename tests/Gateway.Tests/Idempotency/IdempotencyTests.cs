using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using StackExchange.Redis;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Idempotency;

/// <summary>POST with an <c>Idempotency-Key</c>.</summary>
[Collection(nameof(ScriptedGateway))]
public sealed class IdempotencyTests(ScriptedGateway gateway)
{
    [Fact]
    public async Task A_repetition_gets_the_stored_answer_and_is_not_done_again()
    {
        var resource = Create();
        var client = gateway.SignedIn(Guid.CreateVersion7(), "employer");
        var key = NewKey();
        var first = await PostAsync(client, resource.Path, key, "{\"a\":1}");
        first.Status.ShouldBe(HttpStatusCode.Created, first.Body);
        first.Headers.Contains("Idempotent-Replayed").ShouldBeFalse();
        var second = await PostAsync(client, resource.Path, $"\"{key}\"", "{\"a\":1}");
        second.Status.ShouldBe(HttpStatusCode.Created);
        second.Body.ShouldBe(first.Body);
        second.Headers.GetValues("Idempotent-Replayed").ShouldBe(["true"]);
        second.Headers.Location.ShouldBe(first.Headers.Location);
        second.Headers.ETag.ShouldBe(first.Headers.ETag);
        second.Headers.Contains("Set-Cookie").ShouldBeFalse();
        second.Headers.GetValues("x-correlation-id").ShouldNotBe(first.Headers.GetValues("x-correlation-id"));
        resource.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_422()
    {
        var resource = Create();
        var (client, key) = (gateway.Anonymous(), NewKey());
        await PostAsync(client, resource.Path, key, "{\"a\":1}");
        var other = await PostAsync(client, resource.Path, key, "{\"a\":2}");
        other.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        other.Code.ShouldBe("IDEMPOTENCY_MISMATCH");
        resource.Asked.ShouldBe(1);
        (await PostAsync(client, resource.Path, key, "{\"a\":1}")).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Fifty_at_once_at_two_replicas_are_one_effect_and_one_answer()
    {
        var bodies = new ConcurrentBag<string>();
        var gate = new TaskCompletionSource();
        var resource = gateway.Upstream.Serve("/api/v1/scripted", async context =>
        {
            await gate.Task;
            var body = Guid.CreateVersion7().ToString();
            bodies.Add(body);
            await context.Response.WriteAsync(body);
        });
        var user = Guid.CreateVersion7();
        HttpClient[] clients = [gateway.SignedIn(user, "employer"), gateway.Replica.SignedIn(user, "employer")];
        var key = NewKey();
        var asked = Enumerable.Range(0, 50).Select(i => PostAsync(clients[i % 2], resource.Path, key, "{}")).ToList();
        // All others are refused while the one is held.
        await Eventually.TrueAsync(() => asked.Count(t => t.IsCompleted) == 49, "49 to be answered while one runs");
        gate.SetResult();
        var answers = await Task.WhenAll(asked);
        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Where(a => a.Status != HttpStatusCode.OK).ShouldAllBe(a => a.Code == "IDEMPOTENCY_IN_PROGRESS" && a.Status == HttpStatusCode.Conflict && a.Headers.RetryAfter != null);
        resource.Asked.ShouldBe(1);
        var replays = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => PostAsync(clients[i % 2], resource.Path, key, "{}")));
        replays.ShouldAllBe(a => a.Body == bodies.Single() && a.Headers.Contains("Idempotent-Replayed"));
        resource.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_belongs_to_its_caller_and_its_route()
    {
        var (one, other) = (Create(), Create());
        var key = NewKey();
        var user = gateway.SignedIn(Guid.CreateVersion7(), "employer");
        await PostAsync(user, one.Path, key, "{}");
        (await PostAsync(gateway.SignedIn(Guid.CreateVersion7(), "employer"), one.Path, key, "{}")).Headers.Contains("Idempotent-Replayed").ShouldBeFalse();
        (await PostAsync(gateway.Anonymous(), one.Path, key, "{}")).Headers.Contains("Idempotent-Replayed").ShouldBeFalse();
        (await PostAsync(user, one.Path + "?dry=true", key, "{}")).Headers.Contains("Idempotent-Replayed").ShouldBeFalse();
        one.Asked.ShouldBe(4);
        (await PostAsync(user, other.Path, key, "{}")).Headers.Contains("Idempotent-Replayed").ShouldBeFalse();
        other.Asked.ShouldBe(1);
    }

    [Theory]
    [InlineData(500, false)]
    [InlineData(503, false)]
    [InlineData(429, false)]
    [InlineData(408, false)]
    [InlineData(401, false)]
    [InlineData(400, true)]
    [InlineData(409, true)]
    [InlineData(422, true)]
    public async Task What_says_later_is_not_stored_and_what_the_service_decided_is(int status, bool stored)
    {
        var resource = gateway.Upstream.Serve("/api/v1/scripted", context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("{}");
        });
        var (client, key) = (gateway.Anonymous(), NewKey());
        for (var i = 0; i < 2; i++)
            ((int)(await PostAsync(client, resource.Path, key, "{}")).Status).ShouldBe(status);
        resource.Asked.ShouldBe(stored ? 1 : 2);
    }

    [Fact]
    public async Task A_client_that_hangs_up_finds_its_answer_later()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var resource = gateway.Upstream.Serve("/api/v1/scripted", async context =>
        {
            arrived.SetResult();
            await gate.Task;
            await context.Response.WriteAsync(context.RequestAborted.IsCancellationRequested ? "\"cut off\"" : "\"done\"");
        });
        var (client, key) = (gateway.Anonymous(), NewKey());
        using var patience = new CancellationTokenSource();
        var first = client.SendAsync(Request(resource.Path, key, "{}"), patience.Token);
        await arrived.Task;
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        (await PostAsync(client, resource.Path, key, "{}")).Code.ShouldBe("IDEMPOTENCY_IN_PROGRESS");
        gate.SetResult();
        var answer = await Eventually.SeesAsync(() => PostAsync(client, resource.Path, key, "{}"), a => a.Status == HttpStatusCode.OK, "the answer to be stored");
        answer.Body.ShouldBe("\"done\"");
        answer.Headers.Contains("Idempotent-Replayed").ShouldBeTrue();
        resource.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task A_claim_ends_by_itself_if_nobody_ends_it()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var resource = gateway.Upstream.Serve("/api/v1/scripted", async _ =>
        {
            arrived.SetResult();
            await gate.Task;
        });
        using var redis = await ConnectAsync();
        var database = redis.GetDatabase();
        var before = await KeysAsync();
        var running = PostAsync(gateway.Anonymous(), resource.Path, NewKey(), "{}");
        await arrived.Task;
        var lives = new List<TimeSpan?>();
        foreach (var name in (await KeysAsync()).Except(before))
        {
            // What is kept and no claim is an answer.
            if ((byte[]?)await database.StringGetAsync(name) is [0, ..])
                lives.Add(await database.KeyTimeToLiveAsync(name));
        }
        lives.ShouldNotBeEmpty();
        // The minute that a request may take and a bit, and the margin.
        lives.ShouldAllBe(life => life != null && life <= TimeSpan.FromSeconds(92));
        gate.SetResult();
        await running;
    }

    [Fact]
    public async Task Neither_the_key_nor_the_answer_is_readable_in_redis()
    {
        var secret = $"refresh-{Guid.CreateVersion7():N}";
        var resource = gateway.Upstream.Serve("/api/v1/scripted", context => context.Response.WriteAsync($$"""{"refreshToken":"{{secret}}"}"""));
        var key = NewKey();
        (await PostAsync(gateway.Anonymous(), resource.Path, key, """{"password":"open sesame"}""")).Body.ShouldContain(secret);
        using var redis = await ConnectAsync();
        var database = redis.GetDatabase();
        var names = await KeysAsync();
        names.ShouldNotBeEmpty();
        foreach (var name in names)
        {
            var text = name + Encoding.Latin1.GetString((byte[])(await database.StringGetAsync(name))!);
            text.ShouldNotContain(secret);
            text.ShouldNotContain(key);
            text.ShouldNotContain("sesame");
        }
    }

    [Fact]
    public async Task An_answer_too_long_to_keep_passes_whole_and_is_not_done_again()
    {
        var resource = gateway.Upstream.Serve("/api/v1/scripted", context => context.Response.WriteAsync(new string('x', 1_500_000)));
        var (client, key) = (gateway.Anonymous(), NewKey());
        (await PostAsync(client, resource.Path, key, "{}")).Body.Length.ShouldBe(1_500_000);
        var again = await PostAsync(client, resource.Path, key, "{}");
        again.Status.ShouldBe(HttpStatusCode.Conflict);
        again.Code.ShouldBe("IDEMPOTENCY_ANSWER_NOT_KEPT");
        resource.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task An_upstream_that_breaks_off_its_answer_is_503_and_nothing_is_stored()
    {
        var resource = gateway.Upstream.Serve("/api/v1/scripted", ScriptedUpstream.BreakOffAsync);
        var (client, key) = (gateway.Anonymous(), NewKey());
        var answer = await PostAsync(client, resource.Path, key, "{}");
        answer.Status.ShouldBe(HttpStatusCode.ServiceUnavailable, answer.Body);
        answer.Code.ShouldBe("UPSTREAM_UNAVAILABLE");
        resource.Answer = context => context.Response.WriteAsync("{}");
        (await PostAsync(client, resource.Path, key, "{}")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("fifteen-letters")]
    [InlineData("with a space in the middle")]
    [InlineData("")]
    public async Task A_key_that_is_no_key_is_422(string key)
    {
        var resource = Create();
        var answer = await PostAsync(gateway.Anonymous(), resource.Path, key, "{}");
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Code.ShouldBe("IDEMPOTENCY_KEY_INVALID");
        answer.Fields.ShouldBe(["Idempotency-Key"]);
        resource.Asked.ShouldBe(0);
    }

    [Fact]
    public async Task Other_methods_do_not_know_of_keys()
    {
        var resource = gateway.Upstream.Serve("/api/v1/scripted", context => context.Response.WriteAsync("{}"));
        var (client, key) = (gateway.Anonymous(), NewKey());
        for (var i = 0; i < 2; i++)
        {
            var request = Request(resource.Path, key, "{}");
            request.Method = HttpMethod.Put;
            (await client.ReadAsync(request)).Headers.Contains("Idempotent-Replayed").ShouldBeFalse();
        }
        resource.Asked.ShouldBe(2);
    }

    private static string NewKey() => Guid.CreateVersion7().ToString();

    private Resource Create() => gateway.Upstream.Serve("/api/v1/scripted", async context =>
    {
        var id = Guid.CreateVersion7();
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/api/v1/scripted/{id}";
        context.Response.Headers.ETag = "\"1\"";
        context.Response.Headers.SetCookie = "a=b";
        await context.Response.WriteAsJsonAsync(new { id });
    });

    private static HttpRequestMessage Request(string path, string key, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return request;
    }

    private static Task<Answer> PostAsync(HttpClient client, string path, string key, string body) => client.ReadAsync(Request(path, key, body));

    private static async Task<ConnectionMultiplexer> ConnectAsync() => await ConnectionMultiplexer.ConnectAsync((await TestServers.GetAsync()).Redis);

    private static async Task<IReadOnlyList<string>> KeysAsync()
    {
        using var connection = await ConnectAsync();
        return [.. connection.GetServer(connection.GetEndPoints()[0]).Keys(pattern: "gateway:idempotency:*", pageSize: 1000).Select(k => k.ToString())];
    }
}

/// <summary>Redis is forgetful, and may be away.</summary>
[Collection(nameof(FragileGateway))]
public sealed class IdempotencyWithoutRedisTests(FragileGateway gateway)
{
    [Fact]
    public async Task While_redis_is_away_a_keyed_request_is_refused_undone_and_others_go_on()
    {
        var resource = gateway.Upstream.Serve("/api/v1/scripted", context => context.Response.WriteAsync("{}"));
        var client = gateway.Anonymous();
        client.DefaultRequestHeaders.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        gateway.Redis.PullOut();
        try
        {
            var refused = await client.PostAsync(resource.Path, new { });
            refused.Status.ShouldBe(HttpStatusCode.ServiceUnavailable, refused.Body);
            refused.Code.ShouldBe("IDEMPOTENCY_UNAVAILABLE");
            refused.Headers.RetryAfter.ShouldNotBeNull();
            resource.Asked.ShouldBe(0);
            (await gateway.Anonymous().PostAsync(resource.Path, new { })).Status.ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            gateway.Redis.PutBack();
        }
        await Eventually.SeesAsync(() => client.PostAsync(resource.Path, new { }), a => a.Status == HttpStatusCode.OK, "keys to work again");
        resource.Asked.ShouldBe(2);
    }
}

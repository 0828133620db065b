using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.Gateway.Edge.ResponseCaching;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.ResponseCaching;

/// <summary>Who changes something sees the change, and soon everybody does.</summary>
[Collection(nameof(ScriptedGateway))]
public sealed class PurgeTests(ScriptedGateway gateway)
{
    private const string _public = "public, max-age=60, stale-while-revalidate=300";
    private const string _purge = "/api/v1/admin/gateway/cache/purge";

    [Fact]
    public async Task A_write_is_seen_by_its_writer_at_once_and_in_other_replicas_soon()
    {
        var resource = Versioned();
        await KeptInBothAsync(resource);
        (await gateway.Anonymous().PutAsync(resource.Path, new { })).Status.ShouldBe(HttpStatusCode.OK);
        var after = await AskAsync(gateway, resource);
        after.Cache.ShouldBe("MISS");
        after.Body.ShouldBe("1");
        await Eventually.SeesAsync(() => AskAsync(gateway.Replica, resource), a => a.Body == "1", "the other replica to hear of it");
    }

    [Theory]
    [InlineData("PUT", "", 409, true)]
    [InlineData("POST", "/touch", 200, true)]
    [InlineData("POST", "/Touch/", 200, true)]
    [InlineData("POST", "/other", 200, false)]
    [InlineData("DELETE", "", 204, false)]
    [InlineData("PATCH", "", 503, false)]
    public async Task Only_what_may_have_changed_something_purges(string method, string below, int status, bool kept)
    {
        var resource = Versioned();
        await KeptAsync(gateway, resource);
        // Also a write that broke off: nobody knows what became of it.
        var written = gateway.Upstream.Serve("/api/v1/cached", context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        }, below);
        ((int)(await gateway.Anonymous().SendAsync(new(new HttpMethod(method), written.Path))).StatusCode).ShouldBe(status);
        (await AskAsync(gateway, resource)).Cache.ShouldBe(kept ? "HIT" : "MISS");
    }

    [Fact]
    public async Task A_write_whose_writer_hung_up_may_have_been_done_and_purges()
    {
        var resource = Versioned();
        await KeptInBothAsync(resource);
        var (write, written) = (resource.Answer, new TaskCompletionSource());
        resource.Answer = async context =>
        {
            await write(context);
            if (HttpMethods.IsGet(context.Request.Method))
                return;
            written.SetResult();
            await ScriptedUpstream.HangAsync(context);
        };
        using var writer = new CancellationTokenSource();
        var writing = gateway.Anonymous().PutAsJsonAsync(resource.Path, new { }, writer.Token);
        await written.Task;
        await writer.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => writing);
        await Eventually.SeesAsync(() => AskAsync(gateway, resource), a => a.Body == "1", "the write to be seen");
        await Eventually.SeesAsync(() => AskAsync(gateway.Replica, resource), a => a.Body == "1", "the other replica to hear of it");
    }

    [Fact]
    public async Task What_was_read_before_a_write_and_arrives_after_it_is_not_kept()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var resource = Versioned();
        var now = resource.Answer;
        resource.Answer = async context =>
        {
            if (HttpMethods.IsGet(context.Request.Method))
            {
                arrived.TrySetResult();
                await gate.Task;
                context.Response.Headers.CacheControl = _public;
                await context.Response.WriteAsync("before");
            }
        };
        var slow = AskAsync(gateway, resource);
        await arrived.Task;
        await gateway.Anonymous().PutAsync(resource.Path, new { });
        resource.Answer = now;
        // Who asks after the write does not wait for what was asked before it.
        (await AskAsync(gateway, resource)).Body.ShouldBe("0");
        gate.SetResult();
        (await slow).Body.ShouldBe("before");
        (await AskAsync(gateway, resource)).Body.ShouldBe("0");
    }

    [Theory]
    [InlineData("scripted.thing.changed", true)]
    [InlineData("scripted.other.changed", false)]
    public async Task An_event_purges_what_it_is_said_to(string key, bool purges)
    {
        var (resource, id, known) = (Versioned(), Guid.CreateVersion7(), gateway.Services.GetRequiredService<CacheTags>());
        var (witness, before) = (known.Of($"witness-{id:N}"), known.Everything.Generation);
        known.Watch(new($"scripted.w{id:N}.*"), witness);
        await Eventually.TrueAsync(() => known.Everything.Generation > before, "everything to begin anew, because there is more to listen to");
        await KeptInBothAsync(resource);
        await gateway.Events.PublishRawAsync(key, Encoding.UTF8.GetBytes("{}"), id.ToString());
        if (purges)
        {
            await Eventually.SeesAsync(() => AskAsync(gateway, resource), a => a.Cache == "MISS", "the event to be heard");
            await Eventually.SeesAsync(() => AskAsync(gateway.Replica, resource), a => a.Cache == "MISS", "the other replica to hear the event");
            return;
        }
        // Heard after it, because the queue keeps the order.
        await gateway.Events.PublishRawAsync($"scripted.w{id:N}.called", Encoding.UTF8.GetBytes("{}"), Guid.CreateVersion7().ToString());
        await Eventually.TrueAsync(() => witness.Generation > 0, "a later event to be heard");
        (await AskAsync(gateway, resource)).Cache.ShouldBe("HIT");
    }

    [Fact]
    public async Task An_administrator_purges_by_tag_in_all_replicas()
    {
        var admin = gateway.SignedIn(Guid.CreateVersion7(), "admin");
        foreach (var tag in (string[])["cached", "*"])
        {
            var resource = Versioned();
            await KeptInBothAsync(resource);
            var answer = await admin.PostAsync(_purge, new { tags = new[] { tag } });
            answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
            (await AskAsync(gateway, resource)).Cache.ShouldBe("MISS");
            await Eventually.SeesAsync(() => AskAsync(gateway.Replica, resource), a => a.Cache == "MISS", "the other replica to hear of it");
        }
    }

    [Fact]
    public async Task Nobody_else_purges_and_only_tags_that_there_are()
    {
        object request = new { tags = new[] { "cached" } };
        (await gateway.Anonymous().PostAsync(_purge, request)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await gateway.SignedIn(Guid.CreateVersion7(), "ops").PostAsync(_purge, request)).Status.ShouldBe(HttpStatusCode.Forbidden);
        var admin = gateway.SignedIn(Guid.CreateVersion7(), "admin");
        (await admin.PostAsync(_purge, new { tags = new[] { "cached", "none" } })).Fields.ShouldBe(["tags[1]"]);
        (await admin.PostAsync(_purge, new { tags = Array.Empty<string>() })).Fields.ShouldBe(["tags"]);
        (await admin.PostAsync(_purge, new { })).Fields.ShouldBe(["tags"]);
    }

    /// <summary>Says how often it was written.</summary>
    private Resource Versioned()
    {
        var version = 0;
        return gateway.Upstream.Serve("/api/v1/cached", context =>
        {
            if (!HttpMethods.IsGet(context.Request.Method))
            {
                Interlocked.Increment(ref version);
                return Task.CompletedTask;
            }
            context.Response.Headers.CacheControl = _public;
            return context.Response.WriteAsync(version.ToString());
        });
    }

    private static Task<CacheAnswer> AskAsync(ScriptedGateway at, Resource resource) => CacheAnswer.ReadAsync(at.Anonymous(), resource.Path);

    private async Task KeptInBothAsync(Resource resource)
    {
        await KeptAsync(gateway, resource);
        await KeptAsync(gateway.Replica, resource);
    }

    // Another test's purge may come in between.
    private static async Task KeptAsync(ScriptedGateway at, Resource resource) =>
        await Eventually.SeesAsync(() => AskAsync(at, resource), a => a.Cache == "HIT", "the answer to be kept");
}

/// <summary>While purges cannot be heard little is believed, and nothing of it afterwards.</summary>
[Collection(nameof(FragileGateway))]
public sealed class UnheardPurgeTests(FragileGateway gateway)
{
    [Fact]
    public async Task While_the_broker_is_away_nothing_is_served_stale_and_then_the_cache_begins_anew()
    {
        var stale = gateway.Upstream.Serve("/api/v1/cached", context =>
        {
            context.Response.Headers.CacheControl = "public, max-age=60, stale-while-revalidate=300";
            // Older than what is believed without a broker, younger than what the answer allows.
            context.Response.Headers.Age = "30";
            return context.Response.WriteAsync("{}");
        });
        await KeptAsync(stale);
        var link = gateway.Services.GetRequiredService<PurgeLink>();
        gateway.Broker.PullOut();
        try
        {
            await Eventually.TrueAsync(() => !link.IsHeard, "the loss to be noticed");
            (await CacheAnswer.ReadAsync(gateway.Anonymous(), stale.Path)).Cache.ShouldBe("MISS");
        }
        finally
        {
            gateway.Broker.PutBack();
        }
        await Eventually.TrueAsync(() => link.IsHeard, "the broker to be heard again");
        (await CacheAnswer.ReadAsync(gateway.Anonymous(), stale.Path)).Cache.ShouldBe("MISS");
        await KeptAsync(stale);
    }

    // What other tests purge is told to this gateway too.
    private async Task KeptAsync(Resource resource) =>
        await Eventually.SeesAsync(() => CacheAnswer.ReadAsync(gateway.Anonymous(), resource.Path), a => a.Cache == "HIT", "the answer to be kept");
}

using System.Net;
using System.Text;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Gamification;
using TalentSphere.TestKit;

namespace TalentSphere.Notification.Tests;

public class PreferenceTests(NotificationFixture service)
{
    private const string _path = "/api/v1/notifications/preferences";

    private readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task Everything_is_on_until_somebody_chooses()
    {
        var answer = await service.SignedIn(_user).AskAsync(_path);
        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Data["kinds"]!.AsArray().ShouldAllBe(k => k!["inApp"]!.GetValue<bool>());
        answer.Data["kinds"]!.AsArray().Single(k => k!["mandatory"]!.GetValue<bool>())!["kind"]!.GetValue<string>().ShouldBe("password-changed");
        answer.Data["quietHours"].ShouldBeNull();
    }

    [Fact]
    public async Task What_was_put_is_what_is_there()
    {
        var client = service.SignedIn(_user);
        var put = await client.PutAsync(_path, new
        {
            kinds = new[] { new { kind = "badge-earned", inApp = false }, new { kind = "welcome", inApp = true } },
            quietHours = new { from = "22:30", to = "07:00", timeZone = "Europe/Berlin" },
        });
        put.Status.ShouldBe(HttpStatusCode.OK);
        var read = await client.AskAsync(_path);
        read.Data.ToJsonString().ShouldBe(put.Data.ToJsonString());
        read.Data["kinds"]!.AsArray().Single(k => !k!["inApp"]!.GetValue<bool>())!["kind"]!.GetValue<string>().ShouldBe("badge-earned");
        read.Data["quietHours"]!["from"]!.GetValue<string>().ShouldBe("22:30");
        // What was read can be put back as it is.
        (await client.PutAsync(_path, read.Data)).Data.ToJsonString().ShouldBe(read.Data.ToJsonString());
        (await client.PutAsync(_path, new { kinds = Array.Empty<object>() })).Data["quietHours"].ShouldBeNull();
    }

    [Fact]
    public async Task A_kind_that_is_off_is_neither_stored_nor_pushed()
    {
        await service.SignedIn(_user).PutAsync(_path, new { kinds = new[] { new { kind = "points-awarded", inApp = false } } });
        await using var hub = await HubClient.OpenAsync(service.Address, TestTokens.Mint(_user));
        await service.Events.PublishAsync(new PointsAwarded(_user, Guid.CreateVersion7(), 20, "lesson", 20));
        await service.Events.PublishAsync(new LevelReached(_user, 2, 100));
        (await hub.HearsAsync(1)).Single()["kind"]!.GetValue<string>().ShouldBe("level-reached");
        await service.ListedAsync(_user, 1);
    }

    [Fact]
    public async Task Quiet_hours_hold_back_the_push_but_not_the_notification_and_no_security_notice()
    {
        var now = DateTime.UtcNow;
        await service.SignedIn(_user).PutAsync(_path, new
        {
            kinds = Array.Empty<object>(),
            quietHours = new { from = now.AddHours(-2).ToString("HH:mm"), to = now.AddHours(2).ToString("HH:mm"), timeZone = "UTC" },
        });
        await using var hub = await HubClient.OpenAsync(service.Address, TestTokens.Mint(_user));
        await service.Events.PublishAsync(new LevelReached(_user, 2, 100));
        await service.ListedAsync(_user, 1);
        await service.Events.PublishAsync(new PasswordChanged(_user));
        (await hub.HearsAsync(1)).Single()["kind"]!.GetValue<string>().ShouldBe("password-changed");
        await service.ListedAsync(_user, 2);
    }

    [Fact]
    public async Task A_security_notice_cannot_be_switched_off()
    {
        var answer = await service.SignedIn(_user).PutAsync(_path, new { kinds = new[] { new { kind = "welcome", inApp = true }, new { kind = "password-changed", inApp = false } } });
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Fields.ShouldBe(["kinds[1].inApp"]);
    }

    [Theory]
    [InlineData("{}", "kinds")]
    [InlineData("""{"kinds":null}""", "kinds")]
    [InlineData("""{"kinds":"all"}""", "kinds")]
    [InlineData("""{"kinds":[{}]}""", "kinds[0].inApp", "kinds[0].kind")]
    [InlineData("""{"kinds":[{"kind":"sms","inApp":true},{"kind":"welcome"}]}""", "kinds[0].kind", "kinds[1].inApp")]
    [InlineData("""{"kinds":[{"kind":"welcome","inApp":true},{"kind":"welcome","inApp":false}]}""", "kinds[1].kind")]
    [InlineData("""{"kinds":[],"quietHours":{}}""", "quietHours.from", "quietHours.timeZone", "quietHours.to")]
    [InlineData("""{"kinds":[],"quietHours":{"from":"25:00","to":"7","timeZone":"Mars/Base"}}""", "quietHours.from", "quietHours.timeZone", "quietHours.to")]
    [InlineData("""{"kinds":[],"quietHours":{"from":"07:00","to":"07:00","timeZone":"UTC"}}""", "quietHours.to")]
    [InlineData("""{"kinds":[],"quietHours":{"from":"07:00","to":"08:00","timeZone":"../../../etc/passwd"}}""", "quietHours.timeZone")]
    [InlineData("""{"kinds":[],"quietHours":{"from":"07:00","to":"08:00","timeZone":"Europe"}}""", "quietHours.timeZone")]
    [InlineData("""{"kinds":[],"quietHours":{"from":"07:00","to":"08:00","timeZone":"UTC\u0000"}}""", "quietHours.timeZone")]
    [InlineData("""{"kinds":[],"quietHours":"always"}""", "quietHours")]
    public async Task Every_field_at_fault_is_named(string body, params string[] fields)
    {
        var answer = await PutTextAsync(body);
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, answer.ToString());
        answer.Fields.ShouldBe(fields);
    }

    [Fact]
    public async Task More_kinds_than_there_can_be_are_refused() => (await PutTextAsync(
        $$"""{"kinds":[{{string.Join(',', Enumerable.Repeat("""{"kind":"welcome","inApp":true}""", 101))}}]}""")).Fields.ShouldBe(["kinds"]);

    [Fact]
    public async Task A_null_among_the_kinds_is_refused() => (await PutTextAsync("""{"kinds":[null]}""")).Fields.ShouldBe(["kinds[0]"]);

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("{", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.UnprocessableEntity)]
    public async Task What_cannot_be_read_is_refused(string body, HttpStatusCode status) => (await PutTextAsync(body)).Status.ShouldBe(status);

    [Fact]
    public async Task A_huge_body_is_refused() =>
        (await PutTextAsync($$"""{"kinds":[],"x":"{{new string('x', 1_100_000)}}"}""")).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);

    [Fact]
    public async Task Another_media_type_is_refused() => (await PutTextAsync("kinds", mediaType: "text/plain")).Status.ShouldBe(HttpStatusCode.UnsupportedMediaType);

    [Fact]
    public async Task A_stale_version_changes_nothing()
    {
        var client = service.SignedIn(_user);
        var never = (await client.AskAsync(_path)).Headers.ETag!.Tag;
        var first = await PutTextAsync("""{"kinds":[]}""", ifMatch: never);
        first.Status.ShouldBe(HttpStatusCode.OK, first.ToString());
        (await PutTextAsync("""{"kinds":[{"kind":"welcome","inApp":false}]}""", ifMatch: never)).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        var now = await client.AskAsync(_path);
        now.Headers.ETag!.Tag.ShouldBe(first.Headers.ETag!.Tag);
        now.Data["kinds"]!.AsArray().ShouldAllBe(k => k!["inApp"]!.GetValue<bool>());
        (await PutTextAsync("""{"kinds":[{"kind":"welcome","inApp":false}]}""", ifMatch: now.Headers.ETag.Tag)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Twenty_first_choices_at_once_all_succeed()
    {
        var client = service.SignedIn(_user);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.PutAsync(_path, new { kinds = new[] { new { kind = "welcome", inApp = false } } })));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK);
    }

    private Task<Answer> PutTextAsync(string body, string? ifMatch = null, string mediaType = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Put, _path) { Content = new StringContent(body, Encoding.UTF8, mediaType) };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return service.SignedIn(_user).ReadAsync(request);
    }
}

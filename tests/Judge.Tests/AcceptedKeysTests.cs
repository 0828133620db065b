using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TalentSphere.Judge.Access;

namespace TalentSphere.Judge.Tests;

public sealed class AcceptedKeysTests
{
    [Fact]
    public void The_key_before_is_good_for_a_while_and_nothing_else_is()
    {
        var configuration = new ConfigurationManager { ["Judge:Key"] = "first" };
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddOptions<JudgeOptions>().BindConfiguration("Judge").Services.BuildServiceProvider();
        var time = new Clock();
        using var keys = new AcceptedKeys(services.GetRequiredService<IOptionsMonitor<JudgeOptions>>(), time);
        Accepted().ShouldBe((true, false, false));

        configuration["Judge:Key"] = "second";
        ((IConfigurationRoot)configuration).Reload();
        Accepted().ShouldBe((true, true, false));
        // Told again, it is the same key: the one before does not become it.
        ((IConfigurationRoot)configuration).Reload();
        time.Now += AcceptedKeys.Overlap - TimeSpan.FromSeconds(1);
        Accepted().ShouldBe((true, true, false));
        time.Now += TimeSpan.FromSeconds(1);
        Accepted().ShouldBe((false, true, false));

        (bool First, bool Second, bool Other) Accepted() => (keys.Accept("first"), keys.Accept("second"), keys.Accept(""));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

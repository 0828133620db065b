using System.Net;
using System.Security.Cryptography.X509Certificates;
using TalentSphere.AppHost.LocalHosting;

namespace TalentSphere.AppHost.Tests;

/// <summary><c>./mesh up --tls</c>: HTTPS on this machine without asking anybody for a certificate.</summary>
public sealed class DevelopmentCertificateTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("mesh-test-").FullName;

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public void A_certificate_is_for_this_machine_and_can_sign_no_other()
    {
        using var made = Load(DevelopmentCertificate.Ensure(_state, TimeProvider.System));
        made.MatchesHostname("localhost").ShouldBeTrue();
        made.MatchesHostname("127.0.0.1").ShouldBeTrue();
        made.MatchesHostname("::1").ShouldBeTrue();
        made.MatchesHostname("example.com").ShouldBeFalse();
        made.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority.ShouldBeFalse();
        made.NotAfter.ToUniversalTime().ShouldBeLessThan(DateTime.UtcNow.AddDays(398));
    }

    [Fact]
    public void Nobody_but_its_owner_reads_it()
    {
        var certificate = DevelopmentCertificate.Ensure(_state, TimeProvider.System);
        foreach (var path in (string[])[certificate.Path, certificate.KeyPath])
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(Path.GetDirectoryName(certificate.Path)!).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void It_is_kept_until_it_is_about_to_expire()
    {
        using var first = Load(DevelopmentCertificate.Ensure(_state, TimeProvider.System));
        using var second = Load(DevelopmentCertificate.Ensure(_state, new Later(TimeSpan.FromDays(380))));
        second.Thumbprint.ShouldBe(first.Thumbprint);
        using var third = Load(DevelopmentCertificate.Ensure(_state, new Later(TimeSpan.FromDays(392))));
        third.Thumbprint.ShouldNotBe(first.Thumbprint);
    }

    [Fact]
    public void A_key_that_is_another_ones_is_replaced()
    {
        var certificate = DevelopmentCertificate.Ensure(_state, TimeProvider.System);
        using var other = System.Security.Cryptography.ECDsa.Create();
        File.WriteAllText(certificate.KeyPath, other.ExportPkcs8PrivateKeyPem());
        using var made = Load(DevelopmentCertificate.Ensure(_state, TimeProvider.System));
        made.HasPrivateKey.ShouldBeTrue();
    }

    [Fact]
    public async Task A_gateway_with_tls_is_healthy_and_speaks_both_versions_to_whoever_trusts_its_certificate()
    {
        using var ports = new PortLeases();
        var port = ports.Take();
        var state = LocalRun.NewState();
        var builder = LocalRun.Builder("--Mesh:StateDirectory", state, "--tls", "true", "--port", $"{port}");
        builder.AddMeshGateway("gateway", LocalRun.Fixture);
        await using var app = builder.Build();
        await app.StartAsync(LocalRun.Cancelled);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", LocalRun.Cancelled);

        using var trusted = X509CertificateLoader.LoadCertificateFromFile(DevelopmentCertificate.In(state).Path);
        foreach (var version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            using var client = new HttpClient(new SocketsHttpHandler
            {
                SslOptions = { CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { trusted }, RevocationMode = X509RevocationMode.NoCheck } },
            })
            {
                BaseAddress = new Uri($"https://localhost:{port}"),
                DefaultRequestVersion = version,
                DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            (await client.GetAsync("/health", LocalRun.Cancelled)).Version.ShouldBe(version);
            (await client.GetStringAsync("/env", LocalRun.Cancelled)).ShouldContain($"https://127.0.0.1:{port}");
        }
        using var stranger = new HttpClient { BaseAddress = new Uri($"https://localhost:{port}") };
        await Should.ThrowAsync<HttpRequestException>(() => stranger.GetAsync("/health", LocalRun.Cancelled));
    }

    private static X509Certificate2 Load(DevelopmentCertificate certificate) => X509Certificate2.CreateFromPemFile(certificate.Path, certificate.KeyPath);

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}

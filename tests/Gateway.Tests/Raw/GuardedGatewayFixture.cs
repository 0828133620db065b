using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.Gateway.Tests.Raw;

[assembly: AssemblyFixture(typeof(GuardedGatewayFixture))]

namespace TalentSphere.Gateway.Tests.Raw;

/// <summary>
/// A gateway with little patience, over HTTP and over TLS, in front of a <c>jobs</c> that keeps what it is sent to the byte: one second for headers, one and a half
/// below the slowest pace, two between requests, four WebSockets.
/// </summary>
public sealed class GuardedGatewayFixture : GatewayFixture
{
    public const int WebSockets = 4;

    private readonly RawUpstream _jobs = new();

    public GuardedGatewayFixture()
    {
        Settings["Connections:HeaderTimeout"] = "00:00:01";
        Settings["Connections:Grace"] = "00:00:01.5";
        Settings["Connections:BytesPerSecond"] = "65536";
        Settings["Connections:KeepAliveTimeout"] = "00:00:02";
        Settings["Connections:WebSockets"] = $"{WebSockets}";
        Settings["Auth:PollInterval"] = "00:00:00.2";
    }

    internal RawUpstream Jobs => _jobs;

    /// <summary>The plain address.</summary>
    public Uri Http => AddressOf("http");

    /// <summary>The address behind TLS, with <see cref="Certificate"/>.</summary>
    public Uri Https => AddressOf("https");

    /// <summary>Of this run alone.</summary>
    public X509Certificate2 Certificate { get; } = MakeCertificate();

    /// <summary>What a client that trusts <see cref="Certificate"/> and no other connects with.</summary>
    public SocketsHttpHandler Trusting() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        SslOptions =
        {
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { Certificate }, RevocationMode = X509RevocationMode.NoCheck },
        },
    };

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _jobs.DisposeAsync();
        Certificate.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("services:jobs:http:0", _jobs.Address);
        builder.ConfigureServices(services =>
        {
            services.Configure<KestrelServerOptions>(kestrel => kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = Certificate));
            services.AddSingleton<IStartupFilter, TlsAsWell>();
        });
    }

    private Uri AddressOf(string scheme) => new(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
        .Single(a => a.StartsWith(scheme + "://", StringComparison.Ordinal)));

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddDays(1));
    }

    /// <summary>The test host names the plain address alone, and tells clients the last one.</summary>
    private sealed class TlsAsWell : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            var addresses = app.ServerFeatures.GetRequiredFeature<IServerAddressesFeature>().Addresses;
            string[] plain = [.. addresses];
            addresses.Clear();
            addresses.Add("https://127.0.0.1:0");
            foreach (var address in plain)
                addresses.Add(address);
            next(app);
        };
    }
}

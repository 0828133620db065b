using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace TalentSphere.ServiceDefaults.Http;

/// <summary>
/// Whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed: the networks of <c>Proxies:Trusted</c>, in CIDR notation,
/// comma-separated. Services trust the loopback unless told otherwise, which is where the local gateway is; the gateway trusts nobody.
/// </summary>
internal static class TrustedProxies
{
    private const string _loopback = "127.0.0.0/8,::1/128";

    public static void AddTrustedProxies(this IHostApplicationBuilder builder) => builder.Services.AddOptions<ForwardedHeadersOptions>()
        .Configure<IConfiguration>((options, configuration) =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            options.ForwardLimit = 1;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in (configuration["Proxies:Trusted"] ?? _loopback).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
            if (options.KnownIPNetworks.Count == 0)
                options.ForwardedHeaders = ForwardedHeaders.None;
        })
        .ValidateOnStart();
}

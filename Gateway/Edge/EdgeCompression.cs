using System.IO.Compression;
using Microsoft.AspNetCore.ResponseCompression;

namespace TalentSphere.Gateway.Edge;

/// <summary>Compresses text on its way out; services do not, so that it happens once.</summary>
internal static class EdgeCompression
{
    public static void AddEdgeCompression(this IServiceCollection services)
    {
        services.AddResponseCompression(o =>
        {
            o.EnableForHttps = true;
            o.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "application/problem+json", "application/ld+json"];
        });
        services.Configure<BrotliCompressionProviderOptions>(o => o.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(o => o.Level = CompressionLevel.Fastest);
    }
}

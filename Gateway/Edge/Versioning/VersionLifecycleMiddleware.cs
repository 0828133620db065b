using System.Diagnostics.Metrics;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Versioning;

/// <summary>Says on every answer of a deprecated version that it goes; past its sunset it is gone (410).</summary>
internal sealed class VersionLifecycleMiddleware(RequestDelegate next, TimeProvider time)
{
    private static readonly Meter _meter = new("TalentSphere.Gateway");
    private static readonly Counter<long> _deprecated = _meter.CreateCounter<long>("gateway_deprecated_requests_total");

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not { } endpoint)
        {
            return context.Features.Get<AskedVersion>() is { } asked
                ? Api.Problem(StatusCodes.Status400BadRequest, "VERSION_UNSUPPORTED", $"This resource has no version {asked.Name}.").ExecuteAsync(context)
                : next(context);
        }
        return endpoint.Metadata.GetMetadata<VersionLifecycle>() is { } lifecycle ? AnswerAsync(context, lifecycle) : next(context);
    }

    private Task AnswerAsync(HttpContext context, VersionLifecycle lifecycle)
    {
        _deprecated.Add(1, new KeyValuePair<string, object?>("route", lifecycle.Route));
        context.Response.OnStarting(static state =>
        {
            var (headers, says) = ((IHeaderDictionary, VersionLifecycle))state;
            if (says.Deprecation is not null)
                headers["Deprecation"] = says.Deprecation;
            if (says.Sunset is not null)
                headers["Sunset"] = says.Sunset;
            // The service may have links of its own.
            if (says.Link is not null)
                headers[HeaderNames.Link] = StringValues.Concat(headers.Link, says.Link);
            return Task.CompletedTask;
        }, (context.Response.Headers, lifecycle));
        return lifecycle.EndsAt <= time.GetUtcNow()
            ? Api.Problem(StatusCodes.Status410Gone, "VERSION_GONE", "This version is gone; the Link header names its successor.").ExecuteAsync(context)
            : next(context);
    }
}

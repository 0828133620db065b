using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TalentSphere.ServiceDefaults.Http;

/// <summary>Takes or makes the request's correlation id, answers with it, and puts it into every log line and span.</summary>
internal sealed class CorrelationMiddleware(RequestDelegate next, ILogger<CorrelationMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var id = Correlation.Begin(context.Request.Headers[Correlation.HeaderName]);
        context.Request.Headers[Correlation.HeaderName] = id;
        context.Response.Headers[Correlation.HeaderName] = id;
        context.Response.OnStarting(static state =>
        {
            var (response, value) = ((HttpResponse, string))state;
            response.Headers[Correlation.HeaderName] = value;
            return Task.CompletedTask;
        }, (context.Response, id));
        Activity.Current?.SetTag("correlation.id", id);
        using (logger.BeginScope(new CorrelationScope(id)))
            await next(context);
    }
}

/// <summary>A log scope that structured and plain formatters both understand.</summary>
internal sealed class CorrelationScope(string id) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 1;

    public KeyValuePair<string, object?> this[int index] => new("CorrelationId", id);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        yield return this[0];
    }

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => id;
}

using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TalentSphere.ServiceDefaults.Http;

/// <summary>Takes or makes the request's correlation id, answers with it, and puts it into every log line and span.</summary>
internal sealed class CorrelationMiddleware(RequestDelegate next, ILogger<CorrelationMiddleware> logger, IEnumerable<ILoggerProvider> providers)
{
    private readonly bool _scopes = providers.OfType<ISupportExternalScope>().Any();

    public async Task InvokeAsync(HttpContext context)
    {
        var id = Correlation.Begin(context.Request.Headers[Correlation.HeaderName]);
        context.Request.Headers[Correlation.HeaderName] = id;
        context.Response.Headers[Correlation.HeaderName] = id;
        // Whatever stands in an answer that was passed on from elsewhere.
        context.Response.OnStarting(static state =>
        {
            var http = (HttpContext)state;
            http.Response.Headers[Correlation.HeaderName] = http.Request.Headers[Correlation.HeaderName];
            return Task.CompletedTask;
        }, context);
        Activity.Current?.SetTag("correlation.id", id);
        // The console's lines know it without; a collector is given what is in a scope.
        using (_scopes ? logger.BeginScope(new CorrelationScope(id)) : null)
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

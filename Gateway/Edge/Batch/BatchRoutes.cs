using System.Text.Json;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Batch;

/// <summary>Several requests in one round trip (contracts: HTTP, Batch).</summary>
internal static class BatchRoutes
{
    public static void AddBatch(this IServiceCollection services)
    {
        services.AddOptions<BatchOptions>().BindConfiguration(BatchOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<BatchPipeline>();
    }

    /// <summary>Parts enter the pipeline here: inside what wraps the whole answer, outside everything that decides about a request.</summary>
    public static void UseBatch(this WebApplication app)
    {
        var pipeline = app.Services.GetRequiredService<BatchPipeline>();
        app.Use(next =>
        {
            pipeline.Entry = next;
            return next;
        });
    }

    public static void MapBatch(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/batch", HandleAsync).RequireTokenIfAny().WithTags("Batch").WithName("Batch").WithSummary("Several requests in one.");

    private static async Task<IResult> HandleAsync(BatchRequest request, BatchPipeline pipeline, IOptions<BatchOptions> options, TimeProvider time, HttpContext context)
    {
        if (context.Features.Get<BatchMember>() is not null)
            return Api.Invalid("path", "must not be a batch");
        if (request.Requests is not { Count: > 0 } asked || asked.Count > options.Value.MaxParts)
            return Api.Invalid("requests", $"must be 1 to {options.Value.MaxParts} requests");
        var faults = new List<FailureDetail>();
        var parts = asked.Select((part, i) => PartRequest.Read(part, $"requests[{i}]", faults)).ToList();
        if (faults.Count > 0)
            return Api.Invalid([.. faults]);
        var started = time.GetTimestamp();
        var answers = new PartAnswer[parts.Count];
        await Parallel.ForAsync(
            0, parts.Count, new ParallelOptions { MaxDegreeOfParallelism = options.Value.Parallel, CancellationToken = context.RequestAborted },
            async (i, _) => answers[i] = await pipeline.RunAsync(context, parts[i]!, options.Value.MaxAnswer));
        return new BatchResult(answers, time.GetElapsedTime(started));
    }

    /// <summary>200 with the answers in the order of the requests; how each went is its own.</summary>
    private sealed class BatchResult(IReadOnlyList<PartAnswer> answers, TimeSpan took) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.ContentType = "application/json";
            response.Headers.CacheControl = "no-store";
            var meta = ApiResponse.Meta(httpContext);
            await using var json = new Utf8JsonWriter(response.BodyWriter, new JsonWriterOptions { Encoder = ApiJson.Options.Encoder });
            json.WriteStartObject();
            json.WriteBoolean("success", true);
            json.WriteStartArray("data");
            foreach (var answer in answers)
            {
                answer.Write(json);
                await json.FlushAsync(httpContext.RequestAborted);
            }
            json.WriteEndArray();
            json.WriteStartObject("meta");
            json.WriteString("timestamp", meta.Timestamp);
            json.WriteString("correlationId", meta.CorrelationId);
            json.WriteNumber("total", answers.Count);
            json.WriteNumber("successful", answers.Count(a => a.IsSuccess));
            json.WriteNumber("failed", answers.Count(a => !a.IsSuccess));
            json.WriteNumber("durationMs", Math.Round(took.TotalMilliseconds, 1));
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }
}

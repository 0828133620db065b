using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace TalentSphere.ServiceDefaults.Http;

/// <summary>200 with an envelope around <see cref="Data"/>.</summary>
public sealed class ApiOk<T> : IResult, IEndpointMetadataProvider
{
    private string? _entityTag;
    private bool _publiclyCacheable;

    internal ApiOk(T data) => Data = data;

    /// <summary>What was asked for.</summary>
    public T Data { get; }

    /// <summary>Adds the <c>ETag</c> of a mutable resource, for <c>If-Match</c>.</summary>
    /// <param name="version">The row's version (<c>xmin</c>).</param>
    public ApiOk<T> WithVersion(uint version)
    {
        _entityTag = EntityTag.OfVersion(version);
        return this;
    }

    /// <summary>
    /// Lets shared caches keep the answer for a minute: only for what is the same for every caller. A strong <c>ETag</c> over the data
    /// is added, and a matching <c>If-None-Match</c> is answered with 304.
    /// </summary>
    public ApiOk<T> Public()
    {
        _publiclyCacheable = true;
        return this;
    }

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        if (_publiclyCacheable)
        {
            _entityTag ??= EntityTag.OfContent(Data);
            headers.CacheControl = ApiResponse.PublicCacheControl;
        }
        if (_entityTag is not null)
        {
            headers.ETag = _entityTag;
            if (HttpMethods.IsGet(httpContext.Request.Method) && EntityTag.Matches(httpContext.Request.Headers.IfNoneMatch, _entityTag))
            {
                httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
        }
        return ApiResponse.WriteAsync(httpContext, StatusCodes.Status200OK, Data);
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        ApiResponse.Describe(builder, StatusCodes.Status200OK, typeof(Envelope<T>));
}

/// <summary>201 with an envelope around the new resource, its <c>Location</c> and, where given, its <c>ETag</c>.</summary>
public sealed class ApiCreated<T> : IResult, IEndpointMetadataProvider
{
    private string? _entityTag;

    internal ApiCreated(string location, T data) => (Location, Data) = (location, data);

    /// <summary>The new resource's path.</summary>
    public string Location { get; }

    /// <summary>The new resource.</summary>
    public T Data { get; }

    /// <summary>Adds the new resource's <c>ETag</c>.</summary>
    public ApiCreated<T> WithVersion(uint version)
    {
        _entityTag = EntityTag.OfVersion(version);
        return this;
    }

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.Location = Location;
        if (_entityTag is not null)
            httpContext.Response.Headers.ETag = _entityTag;
        return ApiResponse.WriteAsync(httpContext, StatusCodes.Status201Created, Data);
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        ApiResponse.Describe(builder, StatusCodes.Status201Created, typeof(Envelope<T>));
}

/// <summary>202 with an envelope and the <c>Location</c> to watch.</summary>
public sealed class ApiAccepted<T> : IResult, IEndpointMetadataProvider
{
    internal ApiAccepted(string location, T data) => (Location, Data) = (location, data);

    /// <summary>Where to look how it goes.</summary>
    public string Location { get; }

    /// <summary>What was taken.</summary>
    public T Data { get; }

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.Location = Location;
        return ApiResponse.WriteAsync(httpContext, StatusCodes.Status202Accepted, Data);
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        ApiResponse.Describe(builder, StatusCodes.Status202Accepted, typeof(Envelope<T>));
}

/// <summary>200 with one page of a list.</summary>
public sealed class ApiPage<T> : IResult, IEndpointMetadataProvider
{
    private readonly Paging _paging;
    private bool _publiclyCacheable;

    internal ApiPage(IReadOnlyList<T> items, Paging paging, long total) => (Items, _paging, Total) = (items, paging, total);

    /// <summary>The page's entries.</summary>
    public IReadOnlyList<T> Items { get; }

    /// <summary>Entries in all.</summary>
    public long Total { get; }

    /// <summary>Lets shared caches keep the page for a minute: only for what is the same for every caller.</summary>
    public ApiPage<T> Public()
    {
        _publiclyCacheable = true;
        return this;
    }

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        headers.Link = _paging.LinkHeader(httpContext.Request, Total);
        if (_publiclyCacheable)
        {
            var tag = EntityTag.OfContent((Items, Total));
            headers.CacheControl = ApiResponse.PublicCacheControl;
            headers.ETag = tag;
            if (EntityTag.Matches(httpContext.Request.Headers.IfNoneMatch, tag))
            {
                httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
        }
        var meta = ApiResponse.Meta(httpContext) with { Page = _paging.Number, Limit = _paging.Size, Total = Total };
        return ApiResponse.WriteAsync(httpContext, StatusCodes.Status200OK, Items, meta);
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        ApiResponse.Describe(builder, StatusCodes.Status200OK, typeof(Envelope<IReadOnlyList<T>>));
}

/// <summary>A failed answer.</summary>
public sealed class ApiProblem : IResult
{
    private TimeSpan? _retryAfter;

    internal ApiProblem(int status, string code, string message, IReadOnlyList<FailureDetail>? details = null) =>
        (Status, Code, Message, Details) = (status, code, message, details ?? []);

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>The code for programs.</summary>
    public string Code { get; }

    /// <summary>The text for people.</summary>
    public string Message { get; }

    /// <summary>The fields at fault.</summary>
    public IReadOnlyList<FailureDetail> Details { get; }

    /// <summary>Says when to come back (<c>Retry-After</c>, whole seconds, rounded up).</summary>
    public ApiProblem RetryAfter(TimeSpan pause)
    {
        _retryAfter = pause;
        return this;
    }

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (_retryAfter is { } pause)
            httpContext.Response.Headers.RetryAfter = ((int)Math.Ceiling(pause.TotalSeconds)).ToString();
        return ApiResponse.WriteFailureAsync(httpContext, Status, Code, Message, Details);
    }
}

/// <summary>Writes the envelopes; for middleware that answers in a handler's place.</summary>
public static class ApiResponse
{
    internal const string PublicCacheControl = "public, max-age=60, stale-while-revalidate=300";

    /// <summary>The <c>meta</c> of an answer to this request.</summary>
    public static ResponseMeta Meta(HttpContext httpContext) => new()
    {
        Timestamp = httpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime,
        CorrelationId = Correlation.Current,
    };

    /// <summary>Writes a failure: <c>application/problem+json</c> when the client accepts it, else <c>application/json</c>.</summary>
    public static Task WriteFailureAsync(HttpContext httpContext, int status, string code, string message, IReadOnlyList<FailureDetail>? details = null)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsHead(httpContext.Request.Method))
            return Task.CompletedTask;
        var title = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);
        var body = new Failure(
            false, new FailureError(code, message, details ?? []), "about:blank", title, status, message, httpContext.Request.Path, Meta(httpContext));
        var acceptsProblem = httpContext.Request.Headers.Accept.ToString().Contains("application/problem+json", StringComparison.OrdinalIgnoreCase);
        return response.WriteAsJsonAsync(body, ApiJson.Options, acceptsProblem ? "application/problem+json" : "application/json", httpContext.RequestAborted);
    }

    internal static Task WriteAsync<T>(HttpContext httpContext, int status, T data, ResponseMeta? meta = null)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        if (response.Headers.CacheControl.Count == 0)
            response.Headers.CacheControl = "no-store";
        return response.WriteAsJsonAsync(
            new Envelope<T>(true, data, meta ?? Meta(httpContext)), ApiJson.Options, "application/json", httpContext.RequestAborted);
    }

    internal static void Describe(EndpointBuilder builder, int status, Type body) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(status, body, ["application/json"]));
}

/// <summary>Strong entity tags (RFC 9110 §8.8.3) and what is done with them.</summary>
public static class EntityTag
{
    /// <summary>The tag of a row's version.</summary>
    public static string OfVersion(uint version) => $"\"{version:x}\"";

    /// <summary>The tag of an answer's data: the same data gives the same tag.</summary>
    public static string OfContent<T>(T data)
    {
        var hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(data, _contentOptions));
        return $"\"{Convert.ToHexStringLower(hash.AsSpan(0, 12))}\"";
    }

    /// <summary>True when <paramref name="header"/> (<c>If-Match</c>, <c>If-None-Match</c>) names the tag or is <c>*</c>.</summary>
    /// <param name="header">The header's values.</param>
    /// <param name="tag">The resource's tag.</param>
    /// <param name="strongly">Weak tags never match: what <c>If-Match</c> demands (RFC 9110 §13.1.1).</param>
    public static bool Matches(Microsoft.Extensions.Primitives.StringValues header, string tag, bool strongly = false)
    {
        foreach (var value in header)
        {
            foreach (var candidate in (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (candidate is "*" || candidate == tag || (!strongly && candidate.StartsWith("W/", StringComparison.Ordinal) && candidate[2..] == tag))
                    return true;
            }
        }
        return false;
    }

    /// <summary>
    /// 412 when the request carries an <c>If-Match</c> that does not name this version; null when the change may go on.
    /// </summary>
    public static ApiProblem? IfMatchFails(HttpRequest request, uint version) =>
        request.Headers.IfMatch.Count > 0 && !Matches(request.Headers.IfMatch, OfVersion(version), strongly: true)
            ? Api.Problem(StatusCodes.Status412PreconditionFailed, "PRECONDITION_FAILED", "The resource was changed since you read it.")
            : null;

    private static readonly JsonSerializerOptions _contentOptions = new(ApiJson.Options) { IncludeFields = true };
}

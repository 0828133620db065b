using Microsoft.AspNetCore.Http;

namespace TalentSphere.ServiceDefaults.Http;

/// <summary>The answers a handler can give; each writes the platform's envelope and describes itself to OpenAPI.</summary>
public static class Api
{
    /// <summary>200 with <paramref name="data"/>.</summary>
    public static ApiOk<T> Ok<T>(T data) => new(data);

    /// <summary>201 with the new resource and its <c>Location</c>.</summary>
    public static ApiCreated<T> Created<T>(string location, T data) => new(location, data);

    /// <summary>202: taken, not done yet; <paramref name="location"/> tells how it goes.</summary>
    public static ApiAccepted<T> Accepted<T>(string location, T data) => new(location, data);

    /// <summary>200 with one page of a list, its place in <c>meta</c> and a <c>Link</c> header (RFC 8288).</summary>
    public static ApiPage<T> Page<T>(IReadOnlyList<T> items, Paging paging, long total) => new(items, paging, total);

    /// <summary>404: not there, or not the caller's to know of.</summary>
    public static ApiProblem NotFound(string code = "NOT_FOUND", string message = "There is no such resource.") =>
        new(StatusCodes.Status404NotFound, code, message);

    /// <summary>409: a duplicate, or the wrong state for it.</summary>
    public static ApiProblem Conflict(string code, string message) => new(StatusCodes.Status409Conflict, code, message);

    /// <summary>409 that names what stands in the way, one by one.</summary>
    public static ApiProblem Conflict(string code, string message, params ReadOnlySpan<FailureDetail> details) =>
        new(StatusCodes.Status409Conflict, code, message, details.ToArray());

    /// <summary>401: not signed in, or not with these credentials.</summary>
    public static ApiProblem Unauthorized(string code, string message) => new(StatusCodes.Status401Unauthorized, code, message);

    /// <summary>403: signed in, but not allowed.</summary>
    public static ApiProblem Forbidden(string code = "FORBIDDEN", string message = "Your account may not do this.") =>
        new(StatusCodes.Status403Forbidden, code, message);

    /// <summary>422: understood but invalid; name every field at fault.</summary>
    public static ApiProblem Invalid(params ReadOnlySpan<FailureDetail> details) =>
        new(StatusCodes.Status422UnprocessableEntity, "VALIDATION_FAILED", "The request is not valid.", details.ToArray());

    /// <summary>422 with a code of its own, for input that is more than fields.</summary>
    public static ApiProblem Invalid(string code, string message, params ReadOnlySpan<FailureDetail> details) =>
        new(StatusCodes.Status422UnprocessableEntity, code, message, details.ToArray());

    /// <summary>422 for one field.</summary>
    public static ApiProblem Invalid(string field, string message) => Invalid(new FailureDetail(field, message));

    /// <summary>Any other failure.</summary>
    public static ApiProblem Problem(int status, string code, string message) => new(status, code, message);
}

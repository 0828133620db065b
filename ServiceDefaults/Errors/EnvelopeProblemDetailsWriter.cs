using Microsoft.AspNetCore.Http;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Errors;

/// <summary>What the framework would answer as bare problem details (validation above all) leaves in the platform's envelope.</summary>
internal sealed class EnvelopeProblemDetailsWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        if (context.ProblemDetails is HttpValidationProblemDetails validation)
        {
            FailureDetail[] details = [.. validation.Errors.SelectMany(e => e.Value.Select(message => new FailureDetail(CamelCasePath.Of(e.Key), message)))];
            return new(Api.Invalid(details).ExecuteAsync(context.HttpContext));
        }
        return new(StatusCodeFailures.WriteAsync(context.HttpContext));
    }
}

/// <summary>The envelope for answers that have a status but no body: unknown routes, wrong methods.</summary>
internal static class StatusCodeFailures
{
    public static Task WriteAsync(HttpContext context)
    {
        var (code, message) = context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ("NOT_FOUND", "There is no such resource."),
            StatusCodes.Status405MethodNotAllowed => ("METHOD_NOT_ALLOWED", "This resource does not take that method."),
            StatusCodes.Status413PayloadTooLarge => ("PAYLOAD_TOO_LARGE", "The request body is too large."),
            StatusCodes.Status415UnsupportedMediaType => ("UNSUPPORTED_MEDIA_TYPE", "Send application/json."),
            >= 500 and var status => ($"HTTP_{status}", "Something went wrong on our side."),
            var status => ($"HTTP_{status}", "The request was refused."),
        };
        return ApiResponse.WriteFailureAsync(context, context.Response.StatusCode, code, message);
    }
}

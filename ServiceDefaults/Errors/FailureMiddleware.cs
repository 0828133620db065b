using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;
using TalentSphere.ServiceDefaults.Health;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Errors;

/// <summary>
/// Turns whatever escapes a handler into the failure envelope: what the caller sent becomes a 4xx, a dependency that is away a 503,
/// and only a defect of ours a 500. No stack trace, SQL or path leaves the process.
/// </summary>
internal sealed partial class FailureMiddleware(RequestDelegate next, IEnumerable<ConflictRule> conflicts, StartupState startup, ILogger<FailureMiddleware> logger)
{
    private readonly Dictionary<string, ConflictRule> _conflicts = conflicts.ToDictionary(c => c.Constraint);

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            // A failure that nobody has written a body for.
            var response = context.Response;
            if (response is { StatusCode: >= 400 and < 600, HasStarted: false, ContentLength: null } && string.IsNullOrEmpty(response.ContentType))
                await (response.StatusCode == StatusCodes.Status400BadRequest && ParameterFaults.Find(context) is { Length: > 0 } faults
                    ? Api.Invalid(faults).ExecuteAsync(context)
                    : StatusCodeFailures.WriteAsync(context));
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context, e);
        }
    }

    private async Task AnswerAsync(HttpContext context, Exception exception)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }
        var problem = exception switch
        {
            ApiException e => e.Problem,
            BadHttpRequestException e => await FromBadRequestAsync(context, e),
            DbUpdateConcurrencyException => context.Request.Headers.IfMatch.Count > 0
                ? Api.Problem(StatusCodes.Status412PreconditionFailed, "PRECONDITION_FAILED", "The resource was changed since you read it.")
                : Api.Conflict("CONFLICT", "The resource was changed at the same time; read it again."),
            _ => FromDatabase(exception) ?? FromAbsence(exception),
        };
        // Before the tables are there nearly everything fails, and none of it is a defect.
        if (problem is null && !startup.IsStarted)
            problem = Api.Problem(StatusCodes.Status503ServiceUnavailable, "STARTING", "This service is still starting; try again.").RetryAfter(TimeSpan.FromSeconds(2));
        if (problem is null)
        {
            Unhandled(logger, exception, context.Request.Method, context.Request.Path);
            problem = Api.Problem(StatusCodes.Status500InternalServerError, "INTERNAL_ERROR", "Something went wrong on our side.");
        }
        else if (problem.Status >= 500)
        {
            Unavailable(logger, exception.GetType().Name, exception.Message);
        }
        var correlation = context.Response.Headers[Correlation.HeaderName];
        context.Response.Clear();
        context.Response.Headers[Correlation.HeaderName] = correlation;
        await problem.ExecuteAsync(context);
    }

    private static async Task<ApiProblem> FromBadRequestAsync(HttpContext context, BadHttpRequestException exception)
    {
        switch (exception.StatusCode)
        {
            case StatusCodes.Status413PayloadTooLarge:
                return Api.Problem(exception.StatusCode, "PAYLOAD_TOO_LARGE", "The request body is too large.");
            case StatusCodes.Status415UnsupportedMediaType:
                return Api.Problem(exception.StatusCode, "UNSUPPORTED_MEDIA_TYPE", "Send application/json.");
            case StatusCodes.Status408RequestTimeout:
                return Api.Problem(exception.StatusCode, "REQUEST_TIMEOUT", "The request took too long to arrive.");
        }
        if (ParameterFaults.Find(context) is { Length: > 0 } faults)
            return Api.Invalid(faults);
        return await RequestBodyFaults.FindAsync(context) switch
        {
            { Count: > 0 } details => Api.Invalid([.. details]),
            _ => Api.Problem(StatusCodes.Status400BadRequest, "MALFORMED_REQUEST", "The request could not be read as JSON."),
        };
    }

    private ApiProblem? FromDatabase(Exception exception)
    {
        if ((exception as PostgresException ?? exception.InnerException as PostgresException) is not { } database)
            return null;
        switch (database.SqlState)
        {
            case PostgresErrorCodes.UniqueViolation:
                return RuleOf(database.ConstraintName) is { } rule
                    ? Api.Conflict(rule.Code, rule.Message)
                    : Api.Conflict("CONFLICT", "Such a resource exists already.");
            case PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected:
                return Api.Conflict("CONFLICT", "The resource was changed at the same time; try again.");
            case PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter:
                return Api.Invalid("body", "holds a character that cannot be stored");
            case PostgresErrorCodes.NumericValueOutOfRange:
                return Api.Invalid("body", "holds a number that cannot be stored");
            case PostgresErrorCodes.ForeignKeyViolation:
                return Api.Conflict("CONFLICT", "Something this depends on is gone.");
            default:
                return null;
        }
    }

    /// <summary>A distributed table's constraint is each shard's, whose number its name ends in.</summary>
    private ConflictRule? RuleOf(string? constraint) =>
        constraint is null ? null : _conflicts.GetValueOrDefault(constraint) ?? _conflicts.GetValueOrDefault(ShardNumber().Replace(constraint, ""));

    private static ApiProblem? FromAbsence(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is NpgsqlException { IsTransient: true } or RedisException or RedisCommandException or RedisTimeoutException)
            {
                return Api.Problem(StatusCodes.Status503ServiceUnavailable, "DEPENDENCY_UNAVAILABLE", "A part of this service is away; try again.")
                    .RetryAfter(TimeSpan.FromSeconds(2));
            }
        }
        return null;
    }

    [GeneratedRegex(@"_\d+$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ShardNumber();

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void Unhandled(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A dependency is away: {Exception}: {Reason}")]
    private static partial void Unavailable(ILogger logger, string exception, string reason);
}

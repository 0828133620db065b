using System.Text.Json.Serialization;

namespace TalentSphere.ServiceDefaults.Http;

/// <summary>The body of every successful answer that has no standard form of its own.</summary>
/// <param name="Success">Always true.</param>
/// <param name="Data">What was asked for.</param>
/// <param name="Meta">About the answer.</param>
public sealed record Envelope<T>(bool Success, T Data, ResponseMeta Meta);

/// <summary>About an answer: when, for which request, and where in a list.</summary>
public sealed record ResponseMeta
{
    /// <summary>When the answer was made, UTC.</summary>
    public required DateTime Timestamp { get; init; }

    /// <summary>The request's correlation id, as in the <c>x-correlation-id</c> header.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>Lists: the page, from 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Page { get; init; }

    /// <summary>Lists: entries per page, 1..100.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Limit { get; init; }

    /// <summary>Lists: entries in all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Total { get; init; }
}

/// <summary>
/// The body of every failed answer: the platform's error envelope and RFC 9457 problem details in one.
/// </summary>
/// <param name="Success">Always false.</param>
/// <param name="Error">Code, message and the fields at fault.</param>
/// <param name="Type">RFC 9457: always <c>about:blank</c>; the code tells the kinds apart.</param>
/// <param name="Title">RFC 9457: the status' standard phrase.</param>
/// <param name="Status">RFC 9457: the HTTP status.</param>
/// <param name="Detail">RFC 9457: the same text as the error's message.</param>
/// <param name="Instance">RFC 9457: the path that was asked for.</param>
/// <param name="Meta">About the answer.</param>
public sealed record Failure(
    bool Success, FailureError Error, string Type, string Title, int Status, string Detail, string Instance, ResponseMeta Meta);

/// <summary>What went wrong.</summary>
/// <param name="Code">Stable, for programs: <c>VALIDATION_FAILED</c>, <c>JOB_003</c>, …</param>
/// <param name="Message">For people.</param>
/// <param name="Details">Each field at fault; empty where no field is.</param>
public sealed record FailureError(string Code, string Message, IReadOnlyList<FailureDetail> Details);

/// <summary>One field at fault.</summary>
/// <param name="Field">Its path in the request, camelCase: <c>sections[0].title</c>.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record FailureDetail(string Field, string Message);

namespace TalentSphere.Cli.Demo;

/// <summary>Hears a story as it goes. Calls may come from several threads at once.</summary>
public interface IStoryTeller
{
    /// <summary>A new part of the story.</summary>
    void Chapter(string title);

    /// <summary>A step is about to be tried.</summary>
    /// <returns>The story goes on when it completes.</returns>
    Task BeginsAsync(string step);

    /// <summary>One answer of the mesh within the step.</summary>
    void Answered(StoryExchange exchange);

    /// <summary>Something is away; the story will try again.</summary>
    void Waits(string reason);

    /// <summary>A step held.</summary>
    void Ends(StoryStep step);
}

/// <summary>A step that held.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="CorrelationId">The id that every request, log line and event of the step carries.</param>
/// <param name="TraceId">The W3C trace that the step's requests belong to, 32 hexadecimal digits.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record StoryStep(string Name, string Outcome, string CorrelationId, string TraceId, TimeSpan Elapsed);

/// <summary>A request and its answer.</summary>
/// <param name="Method">GET, POST, …</param>
/// <param name="Path">With its query.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The answer's body, as it came.</param>
public sealed record StoryExchange(string Method, string Path, int Status, string Body);

/// <summary>A claim of the story did not hold; the message says which, in a sentence.</summary>
public sealed class StoryException(string message) : Exception(message)
{
    /// <summary>The failed step's correlation id, where there is one.</summary>
    public string? CorrelationId { get; init; }
}

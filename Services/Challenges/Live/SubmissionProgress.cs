using System.Text.Json.Serialization;
using Microsoft.AspNetCore.SignalR;
using TalentSphere.Challenges.Judging;
using TalentSphere.Challenges.Submissions;
using TalentSphere.ServiceDefaults.Push;

namespace TalentSphere.Challenges.Live;

/// <summary>
/// Where open clients hear how their submissions get on. The server calls <c>submission</c> with a <see cref="ProgressView"/>.
/// </summary>
internal sealed class SubmissionHub(Audience audience) : PersonalHub(audience)
{
    public const string Path = "/hubs/challenges";

    public const string Submission = "submission";
}

/// <summary>What is happening to a submission.</summary>
public enum ProgressStage
{
    /// <summary>It waits for a judge.</summary>
    Queued,

    /// <summary>A judge took it.</summary>
    Started,

    /// <summary>The compiler runs.</summary>
    Compiling,

    /// <summary>Tests run: <c>index</c> of <c>of</c> are done.</summary>
    Testing,

    /// <summary>The verdict is there.</summary>
    Judged,
}

/// <summary>How a submission gets on.</summary>
/// <param name="SubmissionId">The submission.</param>
/// <param name="ChallengeId">The challenge.</param>
/// <param name="Attempt">Which attempt at it.</param>
/// <param name="Stage">What is happening.</param>
public sealed record ProgressView(Guid SubmissionId, Guid ChallengeId, int Attempt, ProgressStage Stage)
{
    /// <summary>How many tests are done.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Index { get; init; }

    /// <summary>How many tests there are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Of { get; init; }

    /// <summary>The test that was done.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Ordinal { get; init; }

    /// <summary>That test's verdict, or the submission's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Verdict { get; init; }

    /// <summary>The slowest test's CPU time, milliseconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? CpuMs { get; init; }

    /// <summary>The largest test's peak memory, KiB.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MemoryKb { get; init; }
}

/// <summary>For the owner of a submission, and nobody else.</summary>
/// <param name="UserId">The owner.</param>
/// <param name="View">How it gets on.</param>
internal sealed record ProgressMessage(Guid UserId, ProgressView View) : IPushMessage;

/// <summary>Tells owners how their submissions get on.</summary>
internal sealed class SubmissionProgress(
    IHubContext<SubmissionHub> hub, Audience audience, ReplicaFanOut<ProgressMessage> replicas, ILogger<LivePush<SubmissionHub, ProgressMessage>> logger)
    : LivePush<SubmissionHub, ProgressMessage>(hub, audience, replicas, logger)
{
    /// <summary>It waits, for the first time or again.</summary>
    public void Queued(Submission submission) => Tell(submission, ProgressStage.Queued, view => view);

    /// <summary>What the judge tells; nothing of the tests themselves is in it.</summary>
    public void Told(Submission submission, JudgeEvent told)
    {
        switch (told)
        {
            case JudgeStarted:
                Tell(submission, ProgressStage.Started, view => view);
                break;
            case JudgeCompiling:
                Tell(submission, ProgressStage.Compiling, view => view);
                break;
            case JudgeTested test:
                Tell(submission, ProgressStage.Testing, view => view with { Index = test.Index, Of = test.Of, Ordinal = test.Ordinal, Verdict = test.Verdict });
                break;
        }
    }

    /// <summary>The verdict is committed.</summary>
    public void Judged(Submission submission) => Tell(
        submission, ProgressStage.Judged, view => view with { Verdict = submission.Verdict, CpuMs = submission.CpuMs, MemoryKb = submission.MemoryKb });

    protected override Task DeliverAsync(IClientProxy person, ProgressMessage message, CancellationToken cancellationToken) =>
        person.SendAsync(SubmissionHub.Submission, message.View, cancellationToken);

    private void Tell(Submission submission, ProgressStage stage, Func<ProgressView, ProgressView> complete) =>
        Push(new(submission.UserId, complete(new(submission.Id, submission.ChallengeId, submission.Attempt, stage))));
}

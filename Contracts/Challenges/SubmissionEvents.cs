namespace TalentSphere.Contracts.Challenges;

/// <summary>A solution was handed in and waits for its verdict.</summary>
/// <param name="SubmissionId">The submission.</param>
/// <param name="UserId">Who handed it in.</param>
/// <param name="ChallengeId">The challenge.</param>
/// <param name="Language">The language that it is written in, for instance <c>python</c>.</param>
[Topic("challenges.submission.submitted", nameof(SubmissionId))]
public sealed record SubmissionSubmitted(Guid SubmissionId, Guid UserId, Guid ChallengeId, string Language);

/// <summary>A submission passed every test.</summary>
/// <param name="SubmissionId">The submission.</param>
/// <param name="UserId">Who handed it in.</param>
/// <param name="ChallengeId">The challenge.</param>
/// <param name="ChallengeTitle">The challenge's title at that time.</param>
/// <param name="Verdict">Always <c>accepted</c>.</param>
/// <param name="Points">What the challenge's difficulty is worth: 50, 100 or 200.</param>
/// <param name="TimeMs">The slowest test's CPU time in milliseconds.</param>
/// <param name="MemoryKb">The largest test's peak memory in KiB.</param>
/// <param name="Attempt">Which attempt at the submission it came from: of two, the higher one is the later; null when that is not known.</param>
[Topic("challenges.submission.approved", nameof(SubmissionId))]
public sealed record SubmissionApproved(
    Guid SubmissionId, Guid UserId, Guid ChallengeId, string ChallengeTitle, string Verdict, int Points, int TimeMs, int MemoryKb, int? Attempt = null);

/// <summary>A submission failed a test.</summary>
/// <param name="SubmissionId">The submission.</param>
/// <param name="UserId">Who handed it in.</param>
/// <param name="ChallengeId">The challenge.</param>
/// <param name="ChallengeTitle">The challenge's title at that time.</param>
/// <param name="Verdict">The first verdict that was not <c>accepted</c>.</param>
/// <param name="TimeMs">The slowest test's CPU time in milliseconds.</param>
/// <param name="MemoryKb">The largest test's peak memory in KiB.</param>
/// <param name="Attempt">Which attempt at the submission it came from: of two, the higher one is the later; null when that is not known.</param>
[Topic("challenges.submission.rejected", nameof(SubmissionId))]
public sealed record SubmissionRejected(
    Guid SubmissionId, Guid UserId, Guid ChallengeId, string ChallengeTitle, string Verdict, int TimeMs, int MemoryKb, int? Attempt = null);

/// <summary>A submission passed one test.</summary>
/// <param name="SubmissionId">The submission.</param>
/// <param name="UserId">Who handed it in.</param>
/// <param name="ChallengeId">The challenge.</param>
/// <param name="Ordinal">Which test of the challenge, from 1.</param>
/// <param name="Verdict">Always <c>accepted</c>.</param>
/// <param name="Attempt">Which attempt at the submission it came from: of two, the higher one is the later; null when that is not known.</param>
[Topic("challenges.testcase.passed", nameof(SubmissionId))]
public sealed record TestCasePassed(Guid SubmissionId, Guid UserId, Guid ChallengeId, int Ordinal, string Verdict, int? Attempt = null);

/// <summary>A submission failed one test.</summary>
/// <param name="SubmissionId">The submission.</param>
/// <param name="UserId">Who handed it in.</param>
/// <param name="ChallengeId">The challenge.</param>
/// <param name="Ordinal">Which test of the challenge, from 1.</param>
/// <param name="Verdict">Why it failed, for instance <c>wrong-answer</c>.</param>
/// <param name="Attempt">Which attempt at the submission it came from: of two, the higher one is the later; null when that is not known.</param>
[Topic("challenges.testcase.failed", nameof(SubmissionId))]
public sealed record TestCaseFailed(Guid SubmissionId, Guid UserId, Guid ChallengeId, int Ordinal, string Verdict, int? Attempt = null);

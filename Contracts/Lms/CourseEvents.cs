namespace TalentSphere.Contracts.Lms;

/// <summary>A course became visible to learners.</summary>
[Topic("lms.course.published", nameof(CourseId))]
public sealed record CoursePublished(Guid CourseId, Guid InstructorId, string Title);

/// <summary>A learner enrolled in a course.</summary>
[Topic("lms.enrollment.created", nameof(EnrollmentId))]
public sealed record EnrollmentCreated(Guid EnrollmentId, Guid UserId, Guid CourseId, string CourseTitle);

/// <summary>A learner left a course.</summary>
[Topic("lms.enrollment.cancelled", nameof(EnrollmentId))]
public sealed record EnrollmentCancelled(Guid EnrollmentId, Guid UserId, Guid CourseId, string CourseTitle);

/// <summary>A learner completed a lesson for the first time.</summary>
[Topic("lms.lesson.completed", nameof(EnrollmentId))]
public sealed record LessonCompleted(Guid EnrollmentId, Guid UserId, Guid CourseId, Guid LessonId, string LessonTitle, DateTime CompletionDate);

/// <summary>A learner's share of a course grew.</summary>
/// <param name="EnrollmentId">The enrollment.</param>
/// <param name="UserId">The learner.</param>
/// <param name="CourseId">The course.</param>
/// <param name="Percent">Completed lessons of all lessons, 0..100, rounded down.</param>
[Topic("lms.progress.updated", nameof(EnrollmentId))]
public sealed record ProgressUpdated(Guid EnrollmentId, Guid UserId, Guid CourseId, int Percent);

/// <summary>A learner completed every lesson of a course.</summary>
[Topic("lms.course.completed", nameof(EnrollmentId))]
public sealed record CourseCompleted(Guid EnrollmentId, Guid UserId, Guid CourseId, string CourseTitle, DateTime CompletionDate);

/// <summary>A certificate was issued: exactly one per learner and course.</summary>
[Topic("lms.certificate.issued", nameof(EnrollmentId))]
public sealed record CertificateIssued(Guid EnrollmentId, Guid CertificateId, Guid UserId, Guid CourseId, string CourseTitle);

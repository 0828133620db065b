namespace TalentSphere.Contracts.Lms;

/// <summary>A course became visible to learners.</summary>
/// <param name="CourseId">The course.</param>
/// <param name="InstructorId">The account that owns the course.</param>
/// <param name="Title">The course's title at that time.</param>
[Topic("lms.course.published", nameof(CourseId))]
public sealed record CoursePublished(Guid CourseId, Guid InstructorId, string Title);

/// <summary>A learner enrolled in a course.</summary>
/// <param name="EnrollmentId">The enrollment.</param>
/// <param name="UserId">The learner.</param>
/// <param name="CourseId">The course.</param>
/// <param name="CourseTitle">The course's title at that time.</param>
[Topic("lms.enrollment.created", nameof(EnrollmentId))]
public sealed record EnrollmentCreated(Guid EnrollmentId, Guid UserId, Guid CourseId, string CourseTitle);

/// <summary>A learner left a course.</summary>
/// <param name="EnrollmentId">The enrollment.</param>
/// <param name="UserId">The learner.</param>
/// <param name="CourseId">The course.</param>
/// <param name="CourseTitle">The course's title at that time.</param>
[Topic("lms.enrollment.cancelled", nameof(EnrollmentId))]
public sealed record EnrollmentCancelled(Guid EnrollmentId, Guid UserId, Guid CourseId, string CourseTitle);

/// <summary>A learner completed a lesson for the first time.</summary>
/// <param name="EnrollmentId">The enrollment.</param>
/// <param name="UserId">The learner.</param>
/// <param name="CourseId">The course.</param>
/// <param name="LessonId">The lesson.</param>
/// <param name="LessonTitle">The lesson's title at that time.</param>
/// <param name="CompletionDate">When, UTC.</param>
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
/// <param name="EnrollmentId">The enrollment.</param>
/// <param name="UserId">The learner.</param>
/// <param name="CourseId">The course.</param>
/// <param name="CourseTitle">The course's title at that time.</param>
/// <param name="CompletionDate">When, UTC.</param>
[Topic("lms.course.completed", nameof(EnrollmentId))]
public sealed record CourseCompleted(Guid EnrollmentId, Guid UserId, Guid CourseId, string CourseTitle, DateTime CompletionDate);

/// <summary>A certificate was issued: exactly one per learner and course.</summary>
/// <param name="EnrollmentId">The enrollment.</param>
/// <param name="CertificateId">The certificate.</param>
/// <param name="UserId">The learner.</param>
/// <param name="CourseId">The course.</param>
/// <param name="CourseTitle">The course's title on the certificate.</param>
[Topic("lms.certificate.issued", nameof(EnrollmentId))]
public sealed record CertificateIssued(Guid EnrollmentId, Guid CertificateId, Guid UserId, Guid CourseId, string CourseTitle);

using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Learning;

internal static class LearningProblems
{
    /// <summary>The course is public, so that it exists is no secret; its lessons are for its learners.</summary>
    public static ApiProblem NotEnrolled => Api.Forbidden("LMS_NOT_ENROLLED", "Enroll in the course first.");
}

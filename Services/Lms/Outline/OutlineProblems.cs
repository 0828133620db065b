using TalentSphere.Lms.Courses;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Outline;

/// <summary>What a caller hears when an outline does not take a change.</summary>
internal static class OutlineProblems
{
    public static ApiProblem Full => Api.Conflict(
        "LMS_COURSE_FULL", $"A course holds at most {Course.MaxSections} sections and {Course.MaxLessons} lessons.");

    public static ApiProblem? Of(RemovalOutcome outcome) => outcome switch
    {
        RemovalOutcome.LearnersDependOnIt => Api.Conflict(
            "LMS_COURSE_HAS_LEARNERS", "Learners enrolled in this course: its lessons can be edited, not removed."),
        RemovalOutcome.NothingWouldBeLeft => Api.Conflict("LMS_COURSE_EMPTY", "A published course keeps at least one lesson."),
        _ => null,
    };
}

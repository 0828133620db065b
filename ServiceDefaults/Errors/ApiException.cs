using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Errors;

/// <summary>Ends the request with a failure from a place that cannot return a result; handlers return <see cref="ApiProblem"/> instead.</summary>
public sealed class ApiException(ApiProblem problem) : Exception(problem.Message)
{
    /// <summary>The answer.</summary>
    public ApiProblem Problem { get; } = problem;
}

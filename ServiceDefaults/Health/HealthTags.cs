namespace TalentSphere.ServiceDefaults.Health;

/// <summary>Which probe a health check belongs to.</summary>
public static class HealthTags
{
    /// <summary>Asked by <c>/ready</c>: without it the service cannot answer (unhealthy) or answers with less (degraded).</summary>
    public const string Ready = "ready";
}

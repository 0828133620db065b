namespace TalentSphere.ServiceDefaults.Data;

/// <summary>Times as the database keeps them.</summary>
public static class DatabaseTime
{
    /// <summary>Now, UTC, in whole microseconds: what PostgreSQL would cut off is gone already, so that an answer before and after reading the row is the same.</summary>
    public static DateTime GetDatabaseNow(this TimeProvider time)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}

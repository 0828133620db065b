namespace TalentSphere.ServiceDefaults.Data;

/// <summary>A row that knows when it was made and last changed; both are set on saving, UTC.</summary>
public interface ITimestamped
{
    /// <summary>When the row was inserted.</summary>
    DateTime CreatedAt { get; set; }

    /// <summary>When the row was last changed.</summary>
    DateTime UpdatedAt { get; set; }
}

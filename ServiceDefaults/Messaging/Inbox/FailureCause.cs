using Microsoft.EntityFrameworkCore;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>Finds what a failure is about.</summary>
internal static class FailureCause
{
    /// <summary>The exception that tells why: a save that failed only says that it did, and its cause what the database said.</summary>
    public static Exception Telling(this Exception exception) => exception is DbUpdateException { InnerException: { } cause } ? cause : exception;
}

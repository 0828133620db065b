namespace TalentSphere.Cli;

/// <summary>Ends a command with exit code 1 and one clear sentence.</summary>
public sealed class MeshException(string message) : Exception(message);

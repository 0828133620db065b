namespace TalentSphere.ServiceDefaults;

/// <summary>Who this process is.</summary>
/// <param name="Name">The service's name in the mesh: its resource name, its event domain and its database's name, for instance <c>lms</c>.</param>
public sealed record ServiceIdentity(string Name);

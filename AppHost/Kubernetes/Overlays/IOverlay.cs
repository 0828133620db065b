namespace TalentSphere.AppHost.Kubernetes.Overlays;

/// <summary>One deployment out of what the sections wrote.</summary>
internal interface IOverlay
{
    /// <param name="mesh">The model.</param>
    /// <param name="folders">The folders that the sections wrote to, such as <c>policy/network</c>, and those above them.</param>
    IEnumerable<ManifestFile> Write(MeshModel mesh, IReadOnlySet<string> folders);
}

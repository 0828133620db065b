using TalentSphere.Cli.Chaos;

namespace TalentSphere.Chaos.Tests;

/// <summary>One mesh for all runs of the assembly, started by the first that needs it. Each run looks only at what came after its own beginning.</summary>
public sealed class MeshToBreak : IAsyncLifetime
{
    private ChaosMesh? _mesh;

    /// <summary>The mesh, healthy, with every process fresh.</summary>
    internal async Task<ChaosMesh> GetAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        if (_mesh is not null)
            await _mesh.RefreshAsync(cancellationToken);
        else
            _mesh = await ChaosMesh.StartAsync(Directory.CreateTempSubdirectory("talentsphere-chaos-").FullName, cancellationToken);
        return _mesh;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_mesh is not null)
            await _mesh.DisposeAsync();
    }
}

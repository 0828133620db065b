using TalentSphere.Cli.Chaos;

namespace TalentSphere.Chaos.Tests;

/// <summary>One mesh for all runs of the assembly, started by the first that needs it. Each run looks only at what came after its own beginning.</summary>
public sealed class MeshToBreak : IAsyncLifetime
{
    private ChaosMesh? _mesh;
    private bool _killed;

    /// <summary>The mesh as it is.</summary>
    internal async Task<ChaosMesh> GetAsync() =>
        _mesh ??= await ChaosMesh.StartAsync(Directory.CreateTempSubdirectory("talentsphere-chaos-").FullName, TestContext.Current.CancellationToken);

    /// <summary>The mesh for another round of kills: the pauses before its processes come back begin anew.</summary>
    internal async Task<ChaosMesh> GetToKillAsync()
    {
        var mesh = await GetAsync();
        if (_killed)
            await mesh.RefreshAsync(TestContext.Current.CancellationToken);
        _killed = true;
        return mesh;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_mesh is not null)
            await _mesh.DisposeAsync();
    }
}

using TalentSphere.Chaos.Tests;

// One mesh is mistreated at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(MeshToBreak))]

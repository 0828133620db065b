using TalentSphere.Mesh.Tests;

// Tests kill services, stop resources and start a second mesh: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(MeshFixture))]
[assembly: TestCollectionOrderer(typeof(LeaksLast))]

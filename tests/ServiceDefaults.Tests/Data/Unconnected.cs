using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.ServiceDefaults.Tests.Data;

/// <summary>A model of a test's own, with the mesh's conventions and no database.</summary>
internal sealed class Unconnected(Action<ModelBuilder> tables) : DbContext
{
    /// <summary>What a migration from the other model to this one would do.</summary>
    public IReadOnlyList<MigrationOperation> Differences(Unconnected before) =>
        this.GetService<IMigrationsModelDiffer>().GetDifferences(Tables(before), Tables(this));

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.UseNpgsql().ReplaceService<IModelCacheKeyFactory, EachItsOwn>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        tables(modelBuilder);
        modelBuilder.UseMeshConventions();
    }

    private static IRelationalModel Tables(DbContext context) => context.GetService<IDesignTimeModel>().Model.GetRelationalModel();

    private sealed class EachItsOwn : IModelCacheKeyFactory
    {
        public object Create(DbContext context, bool designTime) => (context.ContextId, designTime);
    }
}

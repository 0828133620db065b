using Microsoft.EntityFrameworkCore;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.ServiceDefaults.Tests.Data;

/// <summary>What can be distributed, and the statements that do it.</summary>
public sealed class DistributionModelTests
{
    private static readonly HashSet<string> _none = [];

    [Fact]
    public void Rows_that_belong_together_are_placed_together_and_their_foreign_keys_come_back_with_the_key_that_binds_them()
    {
        var model = ModelOf(Shop);

        model.Problems.ShouldBeEmpty();
        CitusDistribution.Statements(model, _none, model.ForeignKeys.Select(f => f.Name).ToHashSet()).ShouldBe(
        [
            """ALTER TABLE "item" DROP CONSTRAINT "fk_item_order_order_id" """.TrimEnd(),
            """ALTER TABLE "item" DROP CONSTRAINT "fk_item_product_product_id" """.TrimEnd(),
            "SELECT create_reference_table('product')",
            """ALTER TABLE "item" DROP CONSTRAINT "pk_item", ADD CONSTRAINT "pk_item" PRIMARY KEY ("buyer_id", "id")""",
            "SELECT create_distributed_table('item', 'buyer_id', colocate_with => 'none')",
            """ALTER TABLE "order" DROP CONSTRAINT "pk_order", ADD CONSTRAINT "pk_order" PRIMARY KEY ("buyer_id", "id")""",
            "SELECT create_distributed_table('order', 'buyer_id', colocate_with => 'item')",
            "SELECT citus_add_local_table_to_metadata('note')",
            """ALTER TABLE "item" ADD CONSTRAINT "fk_item_order_order_id" FOREIGN KEY ("buyer_id", "order_id") REFERENCES "order" ("buyer_id", "id") ON DELETE CASCADE""",
            """ALTER TABLE "item" ADD CONSTRAINT "fk_item_product_product_id" FOREIGN KEY ("product_id") REFERENCES "product" ("id") ON DELETE CASCADE""",
        ]);
    }

    [Fact]
    public void What_is_done_is_not_done_again_and_what_was_broken_off_is_finished()
    {
        var model = ModelOf(Shop);
        var placed = model.Tables.Select(t => t.Name).ToHashSet();
        var present = model.ForeignKeys.Select(f => f.Name).ToHashSet();

        CitusDistribution.Statements(model, placed, present).ShouldBeEmpty();
        CitusDistribution.Statements(model, placed, new HashSet<string>(present.Skip(1))).Single().ShouldStartWith("ALTER TABLE \"item\" ADD CONSTRAINT");
        placed.Remove("note");
        CitusDistribution.Statements(model, placed, present).ShouldBe(["SELECT citus_add_local_table_to_metadata('note')"]);
    }

    [Fact]
    public void A_table_that_decides_nothing_is_told()
        => ModelOf(m => m.Entity<Note>()).Problems.Single().ShouldBe("note says nowhere whether it is distributed, a reference table or local.");

    [Fact]
    public void A_rule_over_all_rows_is_kept_by_no_single_node() => ModelOf(m =>
    {
        Shop(m);
        m.Entity<Order>().HasIndex(o => o.Number).IsUnique();
    }).Problems.Single().ShouldBe("order is distributed by buyer_id, which ix_order_number lacks: no node could keep it unique.");

    [Fact]
    public void A_key_that_is_no_single_id_is_not_widened() => ModelOf(m =>
    {
        Shop(m);
        m.Entity<Item>().HasKey(i => new { i.OrderId, i.ProductId });
    }).Problems.Single().ShouldBe("item is distributed by buyer_id, which its primary key lacks; only a single UUID can be widened.");

    [Theory]
    [InlineData(false, "fk_item_product_product_id leads from a distributed table to product, which only the coordinator has.")]
    [InlineData(true, "fk_item_product_product_id leads from item to rows of product on other nodes: it does not bind buyer_id to id.")]
    public void A_foreign_key_to_rows_that_lie_elsewhere_is_told(bool isDistributed, string problem) => ModelOf(m =>
    {
        Shop(m);
        _ = isDistributed ? m.Entity<Product>().IsDistributedBy(p => p.Id) : m.Entity<Product>().StaysLocal("A test.");
    }).Problems.Single().ShouldBe(problem);

    [Fact]
    public void What_lies_everywhere_does_not_refer_to_what_lies_somewhere() => ModelOf(m =>
    {
        Shop(m);
        m.Entity<Item>().IsReferenceTable();
    }).Problems.Single().ShouldBe("fk_item_order_order_id leads from item, which is not distributed, to order, which is.");

    [Fact]
    public void Saving_one_row_names_where_it_lies_and_no_migration_sees_it()
    {
        using var context = new Unconnected(Shop);

        context.Model.FindEntityType(typeof(Order))!.FindProperty(nameof(Order.BuyerId))!.IsConcurrencyToken.ShouldBeTrue();
        using var plain = new Unconnected(m => m.Entity<Order>());
        using var placed = new Unconnected(m => m.Entity<Order>().IsDistributedBy(o => o.BuyerId));
        placed.Differences(plain).ShouldBeEmpty();
    }

    private static DistributionModel ModelOf(Action<ModelBuilder> tables)
    {
        using var context = new Unconnected(tables);
        return DistributionModel.Of(context);
    }

    private static void Shop(ModelBuilder model)
    {
        model.Entity<Product>().IsReferenceTable();
        model.Entity<Order>().IsDistributedBy(o => o.BuyerId);
        model.Entity<Note>().StaysLocal("A test.");
        model.Entity<Item>(item =>
        {
            item.IsDistributedBy(i => i.BuyerId);
            item.HasOne<Order>().WithMany().HasForeignKey(i => i.OrderId);
            item.HasOne<Product>().WithMany().HasForeignKey(i => i.ProductId);
        });
    }

    private sealed record Product(Guid Id);

    private sealed record Order(Guid Id, Guid BuyerId, int Number);

    private sealed record Item(Guid Id, Guid BuyerId, Guid OrderId, Guid ProductId);

    private sealed record Note(Guid Id);
}

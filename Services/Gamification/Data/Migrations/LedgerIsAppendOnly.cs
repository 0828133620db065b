using Microsoft.EntityFrameworkCore.Migrations;

namespace TalentSphere.Gamification.Data.Migrations;

/// <summary>The database itself refuses to change the ledger's past; a mistake is compensated by another entry.</summary>
internal static class LedgerIsAppendOnly
{
    public static void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the ledger is append-only: write a compensating entry' USING ERRCODE = 'restrict_violation';
        END $$;

        CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
        """);

    public static void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP FUNCTION refuse_ledger_change() CASCADE;");
}

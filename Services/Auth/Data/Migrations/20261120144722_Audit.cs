using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TalentSphere.Auth.Data.Migrations
{
    /// <inheritdoc />
    public partial class Audit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit_entries",
                columns: table => new
                {
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    act = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    outcome = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    actor_id = table.Column<Guid>(type: "uuid", nullable: true),
                    target_id = table.Column<Guid>(type: "uuid", nullable: true),
                    detail = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    correlation_id = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    commitment = table.Column<byte[]>(type: "bytea", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_entries", x => x.sequence);
                });

            migrationBuilder.CreateTable(
                name: "audit_head",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_head", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "audit_origins",
                columns: table => new
                {
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    subject_id = table.Column<Guid>(type: "uuid", nullable: true),
                    ip_address = table.Column<string>(type: "character varying(45)", maxLength: 45, nullable: true),
                    user_agent = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    email_digest = table.Column<byte[]>(type: "bytea", nullable: true),
                    salt = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_origins", x => x.sequence);
                    table.ForeignKey(
                        name: "fk_audit_origins_audit_entries_sequence",
                        column: x => x.sequence,
                        principalTable: "audit_entries",
                        principalColumn: "sequence",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.InsertData(
                table: "audit_head",
                columns: new[] { "id", "hash", "sequence" },
                values: new object[] { 1, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, 0L });

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_act_sequence",
                table: "audit_entries",
                columns: new[] { "act", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_actor_id_sequence",
                table: "audit_entries",
                columns: new[] { "actor_id", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_at",
                table: "audit_entries",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_target_id_sequence",
                table: "audit_entries",
                columns: new[] { "target_id", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_origins_email_digest",
                table: "audit_origins",
                column: "email_digest");

            migrationBuilder.CreateIndex(
                name: "ix_audit_origins_subject_id",
                table: "audit_origins",
                column: "subject_id");

            // Who has the service's own login may append and blank what is somebody's, and nothing else. The owner of a table can drop its triggers;
            // what they then change, the chain tells.
            migrationBuilder.Sql(
                """
                CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $body$
                BEGIN
                    RAISE EXCEPTION 'the audit is append-only: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
                END
                $body$;
                CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
                CREATE TRIGGER never_truncated BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
                CREATE TRIGGER only_blanked BEFORE UPDATE ON audit_origins FOR EACH ROW
                    WHEN (NEW.sequence <> OLD.sequence OR OLD.subject_id <> NEW.subject_id OR NEW.subject_id IS NULL
                        OR num_nonnulls(NEW.ip_address, NEW.user_agent, NEW.email_digest, NEW.salt) > 0)
                    EXECUTE FUNCTION refuse_audit_change();
                CREATE TRIGGER never_deleted BEFORE DELETE ON audit_origins FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
                CREATE TRIGGER never_truncated BEFORE TRUNCATE ON audit_origins FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
                CREATE TRIGGER only_forward BEFORE UPDATE ON audit_head FOR EACH ROW
                    WHEN (NEW.id <> OLD.id OR NEW.sequence <> OLD.sequence + 1) EXECUTE FUNCTION refuse_audit_change();
                CREATE TRIGGER never_deleted BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
                CREATE TRIGGER never_truncated BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit_head");

            migrationBuilder.DropTable(
                name: "audit_origins");

            migrationBuilder.DropTable(
                name: "audit_entries");

            migrationBuilder.Sql("DROP FUNCTION refuse_audit_change()");
        }
    }
}

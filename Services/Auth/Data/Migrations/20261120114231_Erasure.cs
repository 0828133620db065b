using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TalentSphere.Auth.Data.Migrations
{
    /// <inheritdoc />
    public partial class Erasure : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid[]>(
                name: "personal_of",
                table: "outbox_messages",
                type: "uuid[]",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "erasure_cases",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    receipt_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    opened_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    closed_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_erasure_cases", x => x.user_id);
                });

            migrationBuilder.CreateTable(
                name: "erasure_answers",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    service = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    erased_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    records = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_erasure_answers", x => new { x.user_id, x.service });
                    table.ForeignKey(
                        name: "fk_erasure_answers_erasure_cases_user_id",
                        column: x => x.user_id,
                        principalTable: "erasure_cases",
                        principalColumn: "user_id",
                        onDelete: ReferentialAction.Cascade);
                });

            // Events that are kept already are somebody's, too.
            migrationBuilder.Sql(
                """
                UPDATE outbox_messages SET personal_of = ARRAY[(convert_from(envelope, 'UTF8')::jsonb -> 'data' ->> 'userId')::uuid]
                WHERE event_type IN ('auth.user.registered', 'auth.user.login', 'auth.user.logout');
                """);

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_personal_of",
                table: "outbox_messages",
                column: "personal_of",
                filter: "personal_of IS NOT NULL")
                .Annotation("Npgsql:IndexMethod", "gin");

            migrationBuilder.CreateIndex(
                name: "ix_erasure_cases_receipt_hash",
                table: "erasure_cases",
                column: "receipt_hash",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "erasure_answers");

            migrationBuilder.DropTable(
                name: "erasure_cases");

            migrationBuilder.DropIndex(
                name: "ix_outbox_messages_personal_of",
                table: "outbox_messages");

            migrationBuilder.DropColumn(
                name: "personal_of",
                table: "outbox_messages");
        }
    }
}

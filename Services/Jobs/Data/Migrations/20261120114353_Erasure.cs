using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TalentSphere.Jobs.Data.Migrations
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

            migrationBuilder.AddColumn<DateTime>(
                name: "withdrawn_at",
                table: "companies",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "erased_subjects",
                columns: table => new
                {
                    subject_id = table.Column<Guid>(type: "uuid", nullable: false),
                    erased_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_erased_subjects", x => x.subject_id);
                });

            // Events that are kept already are somebody's, too.
            migrationBuilder.Sql(
                """
                UPDATE outbox_messages SET personal_of = ARRAY[(convert_from(envelope, 'UTF8')::jsonb -> 'data' ->> 'employerId')::uuid]
                WHERE event_type IN ('jobs.application.submitted', 'jobs.application.statuschanged');
                """);

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_personal_of",
                table: "outbox_messages",
                column: "personal_of",
                filter: "personal_of IS NOT NULL")
                .Annotation("Npgsql:IndexMethod", "gin");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "erased_subjects");

            migrationBuilder.DropIndex(
                name: "ix_outbox_messages_personal_of",
                table: "outbox_messages");

            migrationBuilder.DropColumn(
                name: "personal_of",
                table: "outbox_messages");

            migrationBuilder.DropColumn(
                name: "withdrawn_at",
                table: "companies");
        }
    }
}

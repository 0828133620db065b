using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TalentSphere.Challenges.Data.Migrations
{
    /// <inheritdoc />
    public partial class Judging : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "attempt",
                table: "submissions",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "cpu_ms",
                table: "submissions",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "due_at",
                table: "submissions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "failures",
                table: "submissions",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTime>(
                name: "judged_at",
                table: "submissions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "judged_attempt",
                table: "submissions",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "lease_until",
                table: "submissions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "memory_kb",
                table: "submissions",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<short>(
                name: "priority",
                table: "submissions",
                type: "smallint",
                nullable: false,
                defaultValue: (short)0);

            migrationBuilder.AddColumn<long>(
                name: "turn",
                table: "submissions",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "verdict",
                table: "submissions",
                type: "character varying(20)",
                maxLength: 20,
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "worker",
                table: "submissions",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "judgements",
                columns: table => new
                {
                    submission_id = table.Column<Guid>(type: "uuid", nullable: false),
                    attempt = table.Column<int>(type: "integer", nullable: false),
                    verdict = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    cpu_ms = table.Column<int>(type: "integer", nullable: false),
                    memory_kb = table.Column<int>(type: "integer", nullable: false),
                    toolchain = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    compile_messages = table.Column<string>(type: "text", nullable: true),
                    results = table.Column<string>(type: "jsonb", nullable: false),
                    proof = table.Column<string>(type: "text", nullable: false),
                    judged_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_judgements", x => new { x.submission_id, x.attempt });
                    table.ForeignKey(
                        name: "fk_judgements_submissions_submission_id",
                        column: x => x.submission_id,
                        principalTable: "submissions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "verdict_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    public_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    sealed_private_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_verdict_keys", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_submissions_accepted",
                table: "submissions",
                columns: new[] { "challenge_id", "user_id", "cpu_ms", "memory_kb", "created_at" },
                filter: "verdict = 'accepted'");

            migrationBuilder.CreateIndex(
                name: "ix_submissions_pending",
                table: "submissions",
                columns: new[] { "user_id", "turn" },
                filter: "status <> 'Judged' AND priority = 0");

            migrationBuilder.CreateIndex(
                name: "ix_submissions_queue",
                table: "submissions",
                columns: new[] { "priority", "turn", "id", "due_at" },
                filter: "status = 'Queued'");

            migrationBuilder.CreateIndex(
                name: "ix_submissions_running",
                table: "submissions",
                column: "lease_until",
                filter: "status = 'Running'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "judgements");

            migrationBuilder.DropTable(
                name: "verdict_keys");

            migrationBuilder.DropIndex(
                name: "ix_submissions_accepted",
                table: "submissions");

            migrationBuilder.DropIndex(
                name: "ix_submissions_pending",
                table: "submissions");

            migrationBuilder.DropIndex(
                name: "ix_submissions_queue",
                table: "submissions");

            migrationBuilder.DropIndex(
                name: "ix_submissions_running",
                table: "submissions");

            migrationBuilder.DropColumn(
                name: "attempt",
                table: "submissions");

            migrationBuilder.DropColumn(
                name: "cpu_ms",
                table: "submissions");

            migrationBuilder.DropColumn(
                name: "due_at",
                table: "submissions");

            migrationBuilder.DropColumn(
                name: "failures",
                table: "submissions");

            migrationBuilder.DropColumn(
                name: "judged_at",
                table: "submissions");

            migrationBuilder.DropColumn(
                name: "judged_attempt",
                table: "submissions");

            migrationBuilder.DropColumn(
                name: "lease_until",
                table: "submissions");

            migrationBuilder.DropColumn(
                name: "memory_kb",
                table: "submissions");

            migrationBuilder.DropColumn(
                name: "priority",
                table: "submissions");

            migrationBuilder.DropColumn(
                name: "turn",
                table: "submissions");

            migrationBuilder.DropColumn(
                name: "verdict",
                table: "submissions");

            migrationBuilder.DropColumn(
                name: "worker",
                table: "submissions");
        }
    }
}

using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TalentSphere.Challenges.Data.Migrations
{
    /// <inheritdoc />
    public partial class Authoring : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "correlation_id",
                table: "submissions",
                type: "character varying(128)",
                maxLength: 128,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "authoring_version",
                table: "challenges",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<double>(
                name: "checker_absolute",
                table: "challenges",
                type: "double precision",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "checker_ignore_case",
                table: "challenges",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "checker_kind",
                table: "challenges",
                type: "character varying(40)",
                maxLength: 40,
                nullable: false,
                defaultValue: "Tokens");

            migrationBuilder.AddColumn<string>(
                name: "checker_language",
                table: "challenges",
                type: "character varying(20)",
                maxLength: 20,
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "checker_relative",
                table: "challenges",
                type: "double precision",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "checker_source",
                table: "challenges",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "content_version",
                table: "challenges",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.CreateTable(
                name: "solution_checks",
                columns: table => new
                {
                    challenge_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    state = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    authoring_version = table.Column<int>(type: "integer", nullable: false),
                    requested_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    started_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    finished_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    next_try_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    leased_until = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    turns = table.Column<int>(type: "integer", nullable: false),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    problem = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    results = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_solution_checks", x => x.challenge_id);
                    table.ForeignKey(
                        name: "fk_solution_checks_challenges_challenge_id",
                        column: x => x.challenge_id,
                        principalTable: "challenges",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "solutions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    challenge_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    language = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    expected = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_solutions", x => x.id);
                    table.ForeignKey(
                        name: "fk_solutions_challenges_challenge_id",
                        column: x => x.challenge_id,
                        principalTable: "challenges",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_solution_checks_next_try_at",
                table: "solution_checks",
                column: "next_try_at",
                filter: "state IN ('Queued', 'Running')");

            migrationBuilder.CreateIndex(
                name: "ix_solutions_challenge_id",
                table: "solutions",
                column: "challenge_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "solution_checks");

            migrationBuilder.DropTable(
                name: "solutions");

            migrationBuilder.DropColumn(
                name: "correlation_id",
                table: "submissions");

            migrationBuilder.DropColumn(
                name: "authoring_version",
                table: "challenges");

            migrationBuilder.DropColumn(
                name: "checker_absolute",
                table: "challenges");

            migrationBuilder.DropColumn(
                name: "checker_ignore_case",
                table: "challenges");

            migrationBuilder.DropColumn(
                name: "checker_kind",
                table: "challenges");

            migrationBuilder.DropColumn(
                name: "checker_language",
                table: "challenges");

            migrationBuilder.DropColumn(
                name: "checker_relative",
                table: "challenges");

            migrationBuilder.DropColumn(
                name: "checker_source",
                table: "challenges");

            migrationBuilder.DropColumn(
                name: "content_version",
                table: "challenges");
        }
    }
}

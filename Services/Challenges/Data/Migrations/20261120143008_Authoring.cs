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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
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
        }
    }
}

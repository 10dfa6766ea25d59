using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modules.Migrations
{
    /// <inheritdoc />
    public partial class LongNamesAndJobClaims : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_name_id",
                table: "products");

            migrationBuilder.AddColumn<long>(
                name: "claim",
                table: "jobs",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_name",
                table: "products",
                columns: new[] { "tenant_code", "name" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_name",
                table: "products");

            migrationBuilder.DropColumn(
                name: "claim",
                table: "jobs");

            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_name_id",
                table: "products",
                columns: new[] { "tenant_code", "name", "id" });
        }
    }
}

using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modules.Migrations
{
    /// <inheritdoc />
    public partial class SearchOrders : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_created_at",
                table: "products",
                columns: new[] { "tenant_code", "created_at" })
                .Annotation("Npgsql:IndexInclude", new[] { "is_deleted", "expires_at" });

            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_price",
                table: "products",
                columns: new[] { "tenant_code", "price" });

            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_updated_at",
                table: "products",
                columns: new[] { "tenant_code", "updated_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_created_at",
                table: "products");

            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_price",
                table: "products");

            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_updated_at",
                table: "products");
        }
    }
}

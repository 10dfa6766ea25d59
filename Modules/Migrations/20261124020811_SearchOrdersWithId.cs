using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modules.Migrations
{
    /// <inheritdoc />
    public partial class SearchOrdersWithId : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_created_at",
                table: "products");

            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_name",
                table: "products");

            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_price",
                table: "products");

            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_updated_at",
                table: "products");

            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_created_at_id",
                table: "products",
                columns: new[] { "tenant_code", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_is_deleted_expires_at",
                table: "products",
                columns: new[] { "tenant_code", "is_deleted", "expires_at" });

            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_name_id",
                table: "products",
                columns: new[] { "tenant_code", "name", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_price_id",
                table: "products",
                columns: new[] { "tenant_code", "price", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_updated_at_id",
                table: "products",
                columns: new[] { "tenant_code", "updated_at", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_created_at_id",
                table: "products");

            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_is_deleted_expires_at",
                table: "products");

            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_name_id",
                table: "products");

            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_price_id",
                table: "products");

            migrationBuilder.DropIndex(
                name: "ix_products_tenant_code_updated_at_id",
                table: "products");

            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_created_at",
                table: "products",
                columns: new[] { "tenant_code", "created_at" })
                .Annotation("Npgsql:IndexInclude", new[] { "is_deleted", "expires_at" });

            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_name",
                table: "products",
                columns: new[] { "tenant_code", "name" });

            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_price",
                table: "products",
                columns: new[] { "tenant_code", "price" });

            migrationBuilder.CreateIndex(
                name: "ix_products_tenant_code_updated_at",
                table: "products",
                columns: new[] { "tenant_code", "updated_at" });
        }
    }
}

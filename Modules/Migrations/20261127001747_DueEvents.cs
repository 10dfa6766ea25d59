using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modules.Migrations
{
    /// <inheritdoc />
    public partial class DueEvents : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "due_events",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    tenant_code = table.Column<string>(type: "text", nullable: false),
                    pk = table.Column<string>(type: "text", nullable: false),
                    sk = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_due_events", x => x.id);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "due_events");
        }
    }
}

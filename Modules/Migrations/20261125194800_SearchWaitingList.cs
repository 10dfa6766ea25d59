using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modules.Migrations
{
    /// <inheritdoc />
    public partial class SearchWaitingList : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // EF would build the index anew.
            migrationBuilder.Sql("ALTER INDEX ix_products_search SET (gin_pending_list_limit = 256)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("ALTER INDEX ix_products_search RESET (gin_pending_list_limit)");
        }
    }
}

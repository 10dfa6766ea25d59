using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Modules.Migrations
{
    /// <summary>How far events were forwarded to a topic. No tenant's rows, and nothing to query: the model does not know the table.</summary>
    public partial class EventCheckpoints : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "event_checkpoints",
                columns: table => new
                {
                    topic_arn = table.Column<string>(type: "text", nullable: false),
                    last_id = table.Column<long>(type: "bigint", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_event_checkpoints", x => x.topic_arn);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "event_checkpoints");
        }
    }
}

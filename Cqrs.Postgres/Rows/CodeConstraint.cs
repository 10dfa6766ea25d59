using Microsoft.EntityFrameworkCore.Migrations;

namespace Cqrs.Postgres.Rows;

/// <summary>The constraint that a code is unique in its tenant. A migration adds it, because EF Core has no word for a deferrable constraint.</summary>
public static class CodeConstraint
{
    /// <summary>
    /// Adds the constraint to the table of a module. It is checked when a transaction ends: two items may swap their codes in one statement.
    /// </summary>
    /// <param name="migration">The migration that creates the table.</param>
    /// <param name="table">The table.</param>
    public static void AddCodeConstraint(this MigrationBuilder migration, string table) =>
        migration.Sql($"ALTER TABLE {table} ADD CONSTRAINT {NameOn(table)} UNIQUE (tenant_code, code) DEFERRABLE INITIALLY DEFERRED");

    internal static string NameOn(string table) => $"uq_{table}_tenant_code_code";
}

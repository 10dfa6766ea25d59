using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Cqrs.Postgres.Rows;

/// <summary>Configures what the tables of all modules have in common. A module's configuration calls it and adds its own columns.</summary>
public static class ReadModelRowConfiguration
{
    public static void ConfigureReadModelRow<TRow>(this EntityTypeBuilder<TRow> row, string table)
        where TRow : ReadModelRow
    {
        row.ToTable(table);
        row.HasKey(r => r.Id);
        row.HasIndex(r => new { r.Cpk, r.Csk }).IsUnique();
        row.HasIndex(r => new { r.Pk, r.Sk }).IsUnique();
        // The orders of Ordering, with the id that they end in: sorting what is equal in a field would cost more than to walk to a late page.
        row.HasIndex(r => new { r.TenantCode, r.UpdatedAt, r.Id });
        row.HasIndex(r => new { r.TenantCode, r.CreatedAt, r.Id });
        // A name and an id at their limits have no room in one entry. Names are seldom equal: those that are, Postgres sorts as it comes to them.
        row.HasIndex(r => new { r.TenantCode, r.Name });
        // Small, for equal entries share their space: a tenant's rows are counted in it without looking at them.
        row.HasIndex(r => new { r.TenantCode, r.IsDeleted, r.ExpiresAt });
        // Unique (tenant_code, code) is a deferrable constraint, which EF has no word for: the migration adds it in SQL.
    }
}

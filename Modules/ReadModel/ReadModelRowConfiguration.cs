using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Modules.ReadModel;

/// <summary>What the tables of all modules have in common. A module's configuration calls it and adds its own columns.</summary>
public static class ReadModelRowConfiguration
{
    public static void ConfigureReadModelRow<TRow>(this EntityTypeBuilder<TRow> row, string table)
        where TRow : ReadModelRow
    {
        row.ToTable(table);
        row.HasKey(r => r.Id);
        row.HasIndex(r => new { r.Cpk, r.Csk }).IsUnique();
        row.HasIndex(r => new { r.Pk, r.Sk }).IsUnique();
        row.HasIndex(r => new { r.TenantCode, r.Name });
        row.HasIndex(r => new { r.TenantCode, r.UpdatedAt });
        // The usual order. It also counts a tenant's rows without looking at them.
        row.HasIndex(r => new { r.TenantCode, r.CreatedAt }).IncludeProperties(r => new { r.IsDeleted, r.ExpiresAt });
        // Unique (tenant_code, code) is a deferrable constraint, which EF has no word for: the migration adds it in SQL.
    }
}

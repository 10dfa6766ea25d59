using Microsoft.EntityFrameworkCore;
using Modules.Jobs;

namespace Modules.ReadModel;

/// <summary>The relational read model. Each module configures its own row (<see cref="IEntityTypeConfiguration{TEntity}"/>).</summary>
public class ReadModelContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<Job> Jobs => Set<Job>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasPostgresExtension("pg_trgm");
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ReadModelContext).Assembly);
    }
}

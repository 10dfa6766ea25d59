using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Modules.Identity;
using Modules.Jobs;

namespace Modules.ReadModel;

/// <summary>
/// The relational read model. Each module configures its own row (<see cref="IEntityTypeConfiguration{TEntity}"/>). A query shows the rows of
/// the request's tenant, whatever conditions it has itself: outside of a request none, unless it asks <see cref="TenantFilters.AcrossTenants"/>.
/// </summary>
public class ReadModelContext(DbContextOptions options) : DbContext(options)
{
    internal const string TenantFilter = "tenant";

    // Contexts are pooled and outlive a request: none keeps a tenant, each asks whose request it is.
    private readonly CurrentTenant? _currentTenant =
        options.FindExtension<CoreOptionsExtension>()?.ApplicationServiceProvider?.GetService<CurrentTenant>();

    public DbSet<Job> Jobs => Set<Job>();

    public string? Tenant => _currentTenant?.Code;

    protected sealed override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasPostgresExtension("pg_trgm");
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ReadModelContext).Assembly);
        ConfigureRows(modelBuilder);
        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            entity.SetQueryFilter(TenantFilter, IsOfTenant(entity.ClrType));
        }
    }

    /// <summary>Configures rows that are not in this assembly.</summary>
    protected virtual void ConfigureRows(ModelBuilder modelBuilder)
    {
    }

    // An entity without the property cannot be filtered, and fails here.
    private LambdaExpression IsOfTenant(Type entity)
    {
        var row = Expression.Parameter(entity, "row");
        return Expression.Lambda(
            Expression.Equal(Expression.Property(row, nameof(ReadModelRow.TenantCode)), Expression.Property(Expression.Constant(this), nameof(Tenant))),
            row);
    }
}

public static class TenantFilters
{
    /// <summary>The rows of all tenants: for work that is nobody's request.</summary>
    public static IQueryable<T> AcrossTenants<T>(this IQueryable<T> rows)
        where T : class =>
        rows.IgnoreQueryFilters([ReadModelContext.TenantFilter]);
}

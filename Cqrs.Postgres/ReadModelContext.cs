using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Cqrs.Postgres;

/// <summary>
/// The relational read model of an application, which derives from it. Each module configures its own row
/// (<see cref="IEntityTypeConfiguration{TEntity}"/>). A query shows the rows of the request's tenant, whatever conditions it has itself: outside of a request none, unless it asks <see cref="TenantFilters.AcrossTenants"/>.
/// </summary>
public abstract class ReadModelContext(DbContextOptions options) : DbContext(options)
{
    internal const string TenantFilter = "tenant";

    /// <summary>Marks an entity that belongs to no tenant. Requests never query it.</summary>
    internal const string OfNoTenant = "Cqrs:OfNoTenant";

    private const string TenantColumn = "TenantCode";

    // Contexts are pooled and outlive a request: none keeps a tenant, each asks whose request it is.
    private readonly CurrentTenant? _currentTenant =
        options.FindExtension<CoreOptionsExtension>()?.ApplicationServiceProvider?.GetService<CurrentTenant>();

    public string? Tenant => _currentTenant?.Code;

    protected sealed override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasPostgresExtension("pg_trgm");
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ReadModelContext).Assembly);
        ConfigureRows(modelBuilder);
        foreach (var entity in modelBuilder.Model.GetEntityTypes().Where(entity => entity.FindAnnotation(OfNoTenant) is null))
        {
            entity.SetQueryFilter(TenantFilter, IsOfTenant(entity.ClrType));
        }
    }

    /// <summary>Configures the rows of the modules: by default all configurations in the assembly of the context.</summary>
    protected virtual void ConfigureRows(ModelBuilder modelBuilder) => modelBuilder.ApplyConfigurationsFromAssembly(GetType().Assembly);

    // An entity without the property cannot be filtered, and fails here.
    private LambdaExpression IsOfTenant(Type entity)
    {
        var row = Expression.Parameter(entity, "row");
        return Expression.Lambda(
            Expression.Equal(Expression.Property(row, TenantColumn), Expression.Property(Expression.Constant(this), nameof(Tenant))),
            row);
    }
}

public static class TenantFilters
{
    /// <summary>Returns the rows of all tenants: for work that is nobody's request.</summary>
    public static IQueryable<T> AcrossTenants<T>(this IQueryable<T> rows)
        where T : class =>
        rows.IgnoreQueryFilters([ReadModelContext.TenantFilter]);
}

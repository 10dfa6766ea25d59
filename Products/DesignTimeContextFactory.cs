using Cqrs.Postgres.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Products;

/// <summary>Lets <c>dotnet ef migrations add</c> make a context without a host or a database.</summary>
internal sealed class DesignTimeContextFactory : IDesignTimeDbContextFactory<ProductsContext>
{
    public ProductsContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<ProductsContext>().UseNpgsql();
        ReadModelServices.Configure(options);
        return new ProductsContext(options.Options);
    }
}

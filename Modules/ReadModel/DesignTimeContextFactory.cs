using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Modules.ReadModel;

/// <summary>Lets <c>dotnet ef migrations add</c> make a context without a host or a database.</summary>
internal sealed class DesignTimeContextFactory : IDesignTimeDbContextFactory<ReadModelContext>
{
    public ReadModelContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<ReadModelContext>().UseNpgsql();
        ReadModelServices.Configure(options);
        return new ReadModelContext(options.Options);
    }
}

using Cqrs.Hosting;
using Cqrs.Postgres.Hosting;
using Cqrs.Tables;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Products;

/// <summary>Products, as the hosts know them. To start another module, copy this folder.</summary>
public static class ProductModule
{
    /// <summary>The name of the module.</summary>
    public const string Name = "product";

    /// <summary>The route of its endpoints.</summary>
    public const string Route = "/api/product";

    /// <summary>The module as the kernel knows it.</summary>
    public static readonly CqrsModule Kernel = new(Name, "PRODUCT");

    /// <summary>Adds the module.</summary>
    public static void AddProducts(this IHostApplicationBuilder builder)
    {
        // Called in the assembly of the contracts: the code that is generated for it knows only those.
        builder.Services.AddValidation();
        builder.Services.AddCqrsModule(Kernel, provider => ActivatorUtilities.CreateInstance<ProductSyncHandler>(provider));
        builder.Services.AddItemSearch(Kernel, ProductSearch.Definition);
    }

    /// <summary>Maps the endpoints of the module.</summary>
    public static void MapProducts(this IEndpointRouteBuilder app) => ProductEndpoints.Map(app);
}

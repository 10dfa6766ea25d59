using Cqrs;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Modules.Products;

/// <summary>Products: what the hosts need to know of the module. To start another module, copy this folder.</summary>
public static class ProductModule
{
    public const string Name = "product";
    public const string Route = "/api/product";

    public static readonly CqrsModule Kernel = new(Name, "PRODUCT");

    public static void Add(IServiceCollection services) =>
        services.AddCqrsModule(Kernel, provider => ActivatorUtilities.CreateInstance<ProductSyncHandler>(provider));

    public static void Map(IEndpointRouteBuilder app) => ProductEndpoints.Map(app);
}

using Cqrs.AspNetCore.Files;
using Cqrs.AspNetCore.Items;
using Microsoft.AspNetCore.Routing;

namespace Products;

/// <summary>The HTTP face of products: what every item has, their search, and their files.</summary>
internal static class ProductEndpoints
{
    public static void Map(IEndpointRouteBuilder app) => app
        .MapItems<ProductRequest>(ProductModule.Route, ProductModule.Kernel, ProductDecisions.Decide)
        .MapSearch(ProductModule.Kernel)
        .MapImport<ProductRequest>(ProductModule.Kernel, ProductDecisions.Decide, ProductColumns.All)
        .MapExport(ProductModule.Kernel, ProductColumns.All);
}

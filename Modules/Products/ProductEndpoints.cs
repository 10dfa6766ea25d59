using Microsoft.AspNetCore.Routing;
using Modules.Http;
using Modules.Transfer;

namespace Modules.Products;

/// <summary>The HTTP face of products: what every item has, their search, and their files.</summary>
internal static class ProductEndpoints
{
    public static void Map(IEndpointRouteBuilder app) => app
        .MapItems<ProductRequest>(ProductModule.Route, ProductModule.Kernel, ProductDecisions.Decide)
        .MapSearch<ProductRow, ProductSearch>(ProductModule.Kernel)
        .MapImport<ProductRequest>(ProductModule.Kernel, ProductDecisions.Decide, ProductColumns.All)
        .MapExport<ProductRow, ProductSearch>(ProductModule.Kernel, ProductColumns.All);
}

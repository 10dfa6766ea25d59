using Cqrs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Modules.Http;
using Modules.Identity;
using Modules.ReadModel;

namespace Modules.Products;

/// <summary>The HTTP face of products: what every item has, and their search.</summary>
internal static class ProductEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var products = app.MapItems<ProductRequest>(ProductModule.Route, ProductModule.Kernel, ProductDecisions.Decide);
        products.MapGet("/data", SearchAsync).WithSummary("Searches products").WithQuery(ProductSearch.Parameters);
    }

    private static async Task<Results<Ok<EntityPage>, ProblemHttpResult>> SearchAsync(
        HttpRequest request,
        Caller caller,
        ReadModelContext readModel,
        [FromKeyedServices(ProductModule.Name)] Repository repository,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var query = new QueryReader(request.Query);
        var search = ProductSearch.Read(query);
        if (query.Errors is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        return search.NamesOtherTenant(caller.Tenant)
            ? Problems.TenantMismatch()
            : TypedResults.Ok(
                await readModel.SearchAsync(search, caller.User, ProductModule.Kernel, repository, time, cancellationToken));
    }
}

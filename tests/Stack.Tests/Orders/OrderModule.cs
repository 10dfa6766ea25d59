using Cqrs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Modules.Http;
using Modules.Identity;
using Modules.ReadModel;

namespace StackTests.Orders;

/// <summary>A second module, made by copying the folder of products.</summary>
internal static class OrderModule
{
    public const string Name = "order";
    public const string Route = "/api/order";

    public static readonly CqrsModule Kernel = new(Name, "ORDER");

    public static void Add(IServiceCollection services)
    {
        services.AddValidation();
        services.AddCqrsModule(Kernel, provider => ActivatorUtilities.CreateInstance<OrderSyncHandler>(provider));
    }

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapItems<OrderRequest>(Route, Kernel, OrderDecisions.Decide).MapGet("/data", SearchAsync).WithQuery(OrderSearch.Parameters);

    private static async Task<Results<Ok<EntityPage>, ProblemHttpResult>> SearchAsync(
        HttpRequest request,
        Caller caller,
        ReadModelContext readModel,
        [FromKeyedServices(Name)] Repository repository,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var query = new QueryReader(request.Query);
        var search = OrderSearch.Read(query);
        return query.Errors is { Count: > 0 } errors
            ? Problems.Validation(errors)
            : TypedResults.Ok(await readModel.SearchAsync(search, caller.User, Kernel, repository, time, cancellationToken));
    }
}

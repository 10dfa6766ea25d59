using Cqrs;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Modules.Http;
using Modules.Transfer;

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

    public static void Map(IEndpointRouteBuilder app) => app
        .MapItems<OrderRequest>(Route, Kernel, OrderDecisions.Decide)
        .MapSearch<OrderRow, OrderSearch>(Kernel)
        .MapImport<OrderRequest>(Kernel, OrderDecisions.Decide, OrderColumns.All)
        .MapExport<OrderRow, OrderSearch>(Kernel, OrderColumns.All);
}

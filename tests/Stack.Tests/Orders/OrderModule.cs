using Cqrs.AspNetCore.Files;
using Cqrs.AspNetCore.Items;
using Cqrs.Hosting;
using Cqrs.Postgres.Hosting;
using Cqrs.Reading;
using Cqrs.Tables;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

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
        services.AddItemSearch(Kernel, OrderSearch.Definition);
    }

    /// <summary>Adds the module with another read model to search in. Its endpoints stay as they are.</summary>
    public static void Add(IServiceCollection services, OrderIndex index)
    {
        services.AddValidation();
        services.AddCqrsModule(Kernel, _ => index);
        services.AddKeyedSingleton<IItemSearch>(Name, index);
    }

    public static void Map(IEndpointRouteBuilder app) => app
        .MapItems<OrderRequest>(Route, Kernel, OrderDecisions.Decide)
        .MapSearch(Kernel)
        .MapImport<OrderRequest>(Kernel, OrderDecisions.Decide, OrderColumns.All)
        .MapExport(Kernel, OrderColumns.All);
}

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

    /// <summary>Adds the module.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="index">Another read model to search in; Postgres if null. The endpoints stay as they are.</param>
    public static void Add(IServiceCollection services, OrderIndex? index = null)
    {
        services.AddValidation();
        if (index is null)
        {
            services.AddCqrsModule(Kernel, provider => ActivatorUtilities.CreateInstance<OrderSyncHandler>(provider));
            services.AddItemSearch(Kernel, OrderSearch.Definition);
        }
        else
        {
            services.AddCqrsModule(Kernel, _ => index);
            services.AddKeyedSingleton<IItemSearch>(Name, index);
        }
    }

    public static void Map(IEndpointRouteBuilder app) => app
        .MapItems<OrderRequest>(Route, Kernel, OrderDecisions.Decide)
        .MapSearch(Kernel)
        .MapImport<OrderRequest>(Kernel, OrderDecisions.Decide, OrderColumns.All)
        .MapExport(Kernel, OrderColumns.All);
}

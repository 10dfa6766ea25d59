using Cqrs.Publishing;
using Cqrs.Purging;
using Cqrs.Reading;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace Cqrs.AspNetCore.Items;

/// <summary>The services that the endpoints of one module use.</summary>
public sealed record ItemServices(
    CqrsModule Module,
    string Route,
    CommandService Commands,
    Repository Repository,
    HistoryService History,
    CommandStatusService Status,
    PurgeService Purge,
    TimeProvider Time)
{
    public static ItemServices Of(IServiceProvider services, CqrsModule module, string route) => new(
        module,
        route,
        services.GetRequiredKeyedService<CommandService>(module.Name),
        services.GetRequiredKeyedService<Repository>(module.Name),
        services.GetRequiredKeyedService<HistoryService>(module.Name),
        services.GetRequiredKeyedService<CommandStatusService>(module.Name),
        services.GetRequiredKeyedService<PurgeService>(module.Name),
        services.GetRequiredService<TimeProvider>());
}

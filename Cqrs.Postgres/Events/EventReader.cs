using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cqrs.Postgres.Events;

/// <summary>Reads the table of events, a page at a time; nothing is held between two reads.</summary>
internal sealed class EventReader(IServiceScopeFactory scopes)
{
    public const int PageSize = 1000;

    /// <summary>Returns the next events of all tenants after an id.</summary>
    public Task<List<CommandEvent>> ReadAsync(long afterId, int count, CancellationToken cancellationToken) =>
        QueryAsync(context => context.Set<CommandEvent>().AsNoTracking().AcrossTenants()
            .Where(e => e.Id > afterId)
            .OrderBy(e => e.Id)
            .Take(count)
            .ToListAsync(cancellationToken));

    /// <summary>Returns the next events of one pk of the request's tenant after an id.</summary>
    public Task<List<CommandEvent>> ReadAsync(string tenant, string pk, long afterId, int count, CancellationToken cancellationToken) =>
        QueryAsync(context => context.Set<CommandEvent>().AsNoTracking()
            .Where(e => e.TenantCode == tenant && e.Pk == pk && e.Id > afterId)
            .OrderBy(e => e.Id)
            .Take(count)
            .ToListAsync(cancellationToken));

    /// <summary>Returns the id of the newest event there is.</summary>
    public Task<long> NewestIdAsync(CancellationToken cancellationToken) =>
        QueryAsync(async context => await context.Set<CommandEvent>().AcrossTenants().MaxAsync(e => (long?)e.Id, cancellationToken) ?? 0);

    /// <summary>
    /// Returns the id after which a client begins: what it has seen last or, if it has seen nothing, the newest. An id that was never given is from
    /// another database (this one was restored, or began anew): then all that is kept is new to the client.
    /// </summary>
    public async Task<long> FindStartAsync(long? lastSeen, CancellationToken cancellationToken)
    {
        if (lastSeen is not { } last)
        {
            return await NewestIdAsync(cancellationToken);
        }

        var lastGiven = await QueryAsync(context =>
            context.Database.SqlQuery<long>($"SELECT last_value AS \"Value\" FROM events_id_seq").SingleAsync(cancellationToken));
        return last <= lastGiven ? last : 0;
    }

    private async Task<T> QueryAsync<T>(Func<ReadModelContext, Task<T>> query)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<ReadModelContext>());
    }
}

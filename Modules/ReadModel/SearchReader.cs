using Cqrs;
using Microsoft.EntityFrameworkCore;
using Modules.Http;

namespace Modules.ReadModel;

/// <summary>How a module's search filters, sorts and shows.</summary>
/// <typeparam name="TRow">The module's row.</typeparam>
public interface ISearch<TRow>
    where TRow : ReadModelRow
{
    int Page { get; }

    int PageSize { get; }

    /// <summary>The filter as SQL.</summary>
    IQueryable<TRow> Filter(IQueryable<TRow> rows);

    /// <summary>The same filter on a state that is not in the read model yet.</summary>
    bool Matches(ItemModel item);

    /// <summary>A total order.</summary>
    IQueryable<TRow> Order(IQueryable<TRow> rows);

    Entity ToEntity(TRow row);
}

/// <summary>
/// Searches a module's table and lays the user's own pending writes over what it finds. Pending items that are not among the rows that match
/// lead the first page; those that are stay in their place with their new state, or leave the result if they no longer match.
/// </summary>
public static class SearchReader
{
    public static async Task<EntityPage> SearchAsync<TRow>(
        this ReadModelContext readModel,
        ISearch<TRow> search,
        UserContext user,
        CqrsModule module,
        Repository repository,
        TimeProvider time,
        CancellationToken cancellationToken)
        where TRow : ReadModelRow
    {
        var now = time.GetUtcNow();
        var visible = readModel.Set<TRow>().AsNoTracking()
            .Where(row => row.TenantCode == user.TenantCode && (row.ExpiresAt == null || row.ExpiresAt > now));
        var pending = await repository.GetPendingAsync(
            module.PkOf(user.TenantCode), user, (keys, token) => ReadVersionsAsync<TRow>(readModel, keys, token), cancellationToken);
        var overlay = await ReadOverlayAsync(search, search.Filter(visible), pending, now, cancellationToken);

        var rows = search.Filter(visible);
        if (overlay.Hidden.Length > 0)
        {
            rows = rows.Where(row => !overlay.Hidden.Contains(row.Id));
        }

        var total = await rows.LongCountAsync(cancellationToken) + overlay.Leading.Count;
        var offset = ((long)search.Page - 1) * search.PageSize;
        var leading = overlay.Leading.Skip((int)Math.Min(offset, int.MaxValue)).Take(search.PageSize).ToList();
        var sqlOffset = Math.Max(0, offset - overlay.Leading.Count);
        var sqlLimit = search.PageSize - leading.Count;
        var found = sqlLimit == 0 || sqlOffset >= total
            ? []
            : await search.Order(rows).Skip((int)sqlOffset).Take(sqlLimit).ToListAsync(cancellationToken);
        return new EntityPage(
            total,
            [.. leading.Select(Entity.From), .. found.Select(row => overlay.InPlace.TryGetValue(row.Id, out var own) && own.Version > row.Version
                ? Entity.From(own)
                : search.ToEntity(row))]);
    }

    private static async Task<IReadOnlyDictionary<ItemKey, long>> ReadVersionsAsync<TRow>(
        ReadModelContext readModel, IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken)
        where TRow : ReadModelRow
    {
        var ids = keys.Select(key => key.Id).ToArray();
        var versions = await readModel.Set<TRow>()
            .Where(row => ids.Contains(row.Id))
            .Select(row => new { row.Pk, row.Sk, row.Version })
            .ToListAsync(cancellationToken);
        return versions.ToDictionary(row => new ItemKey(row.Pk, row.Sk), row => row.Version);
    }

    private static async Task<Overlay> ReadOverlayAsync<TRow>(
        ISearch<TRow> search,
        IQueryable<TRow> matching,
        IReadOnlyDictionary<ItemKey, CommandModel> pending,
        DateTimeOffset now,
        CancellationToken cancellationToken)
        where TRow : ReadModelRow
    {
        if (pending.Count == 0)
        {
            return new Overlay([], [], new Dictionary<string, CommandModel>());
        }

        var ids = pending.Values.Select(command => command.Id).ToArray();
        var found = (await matching.Where(row => ids.Contains(row.Id)).Select(row => row.Id).ToListAsync(cancellationToken)).ToHashSet();
        var matches = pending.Values.ToLookup(command => !command.IsExpired(now) && search.Matches(command));
        var inPlace = matches[true].Where(command => found.Contains(command.Id)).ToDictionary(command => command.Id);
        return new Overlay(
            [.. matches[true].Where(command => !found.Contains(command.Id)).OrderByDescending(command => command.UpdatedAt).ThenBy(command => command.Id)],
            [.. ids.Where(id => !inPlace.ContainsKey(id))],
            inPlace);
    }

    /// <param name="Leading">Pending items to show before all rows.</param>
    /// <param name="Hidden">Ids whose rows are not shown.</param>
    /// <param name="InPlace">Pending states to show in the place of their rows.</param>
    private sealed record Overlay(List<CommandModel> Leading, string[] Hidden, Dictionary<string, CommandModel> InPlace);
}

using Cqrs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Modules.Http;

namespace Modules.ReadModel;

/// <summary>Which page of a search is wanted, in which order.</summary>
public sealed record SearchPage(int Number, int Size, IReadOnlyList<(string Field, bool IsDescending)> OrderBys);

/// <summary>Searches a module's table and lays the user's own pending writes over what it finds: see <see cref="PendingOverlay"/>.</summary>
internal sealed class SearchReader(
    ReadModelContext readModel, IServiceScopeFactory scopes, Repository repository, CqrsModule module, TimeProvider time)
{
    // Rows are not read blindly beyond it: who asks for page one million gets the count first.
    private const int MaxBlindOffset = 100_000;

    public async Task<EntityPage> ReadAsync<TRow, TSearch>(
        TSearch search, SearchPage page, UserContext user, CancellationToken cancellationToken)
        where TRow : ReadModelRow
        where TSearch : ISearch<TRow, TSearch>
    {
        var (rows, overlay) = await FilterAsync<TRow, TSearch>(search, user, cancellationToken);
        var offset = ((long)page.Number - 1) * page.Size;
        var leading = overlay.Leading.Skip((int)Math.Min(offset, int.MaxValue)).Take(page.Size).ToList();
        var sqlOffset = Math.Max(0, offset - overlay.Leading.Count);
        var sqlLimit = page.Size - leading.Count;

        var ordered = rows.OrderByFields(TSearch.Orders, page.OrderBys.Count > 0 ? page.OrderBys : [("createdAt", true)]);
        var (total, found) = await ReadBothAsync(
            rows, ordered, sqlOffset, sqlLimit, CountAsync<TRow, TSearch>(search, overlay, user, cancellationToken), cancellationToken);
        return new EntityPage(
            total + overlay.Leading.Count,
            [.. leading.Select(Entity.From), .. found.Select(row => overlay.Show(row, search.ToEntity))]);
    }

    // Counting costs about as much as the page: the two go side by side, on connections of their own. Where a write between them shows (a row that
    // is counted and not on the page), both come once more in one statement, which sees all at one moment.
    private static async Task<(long Total, IReadOnlyList<TRow> Found)> ReadBothAsync<TRow>(
        IQueryable<TRow> rows, IQueryable<TRow> ordered, long offset, int limit, Task<long> counting, CancellationToken cancellationToken)
        where TRow : ReadModelRow
    {
        if (limit == 0 || (offset > MaxBlindOffset && offset >= await counting))
        {
            return (await counting, []);
        }

        var page = ordered.Skip((int)offset).Take(limit);
        var found = await page.ToListAsync(cancellationToken);
        var total = await counting;
        if (found.Count == Math.Clamp(total - offset, 0, limit))
        {
            return (total, found);
        }

        var both = await page.Select(row => new { Row = row, Total = rows.LongCount() }).ToListAsync(cancellationToken);
        return both is [var first, ..] ? (first.Total, both.ConvertAll(one => one.Row)) : (Math.Min(total, offset), []);
    }

    /// <summary>The rows that match, without those that the overlay hides, and the overlay.</summary>
    public async Task<(IQueryable<TRow> Rows, PendingOverlay Overlay)> FilterAsync<TRow, TSearch>(
        TSearch search, UserContext user, CancellationToken cancellationToken)
        where TRow : ReadModelRow
        where TSearch : ISearch<TRow, TSearch>
    {
        var visible = Visible<TRow>(readModel, user);
        var pending = await repository.GetPendingAsync(
            module.PkOf(user.TenantCode), user, ReadVersionsAsync<TRow>, cancellationToken);
        var overlay = await PendingOverlay.ReadAsync(search, visible, pending, time.GetUtcNow(), cancellationToken);
        return (overlay.Hide(search.Filter(visible)), overlay);
    }

    private async Task<long> CountAsync<TRow, TSearch>(
        TSearch search, PendingOverlay overlay, UserContext user, CancellationToken cancellationToken)
        where TRow : ReadModelRow
        where TSearch : ISearch<TRow, TSearch>
    {
        await using var scope = scopes.CreateAsyncScope();
        var visible = Visible<TRow>(scope.ServiceProvider.GetRequiredService<ReadModelContext>(), user);
        return await overlay.Hide(search.Filter(visible)).LongCountAsync(cancellationToken);
    }

    private IQueryable<TRow> Visible<TRow>(ReadModelContext context, UserContext user)
        where TRow : ReadModelRow
    {
        var now = time.GetUtcNow();
        return context.Set<TRow>().AsNoTracking()
            .Where(row => row.TenantCode == user.TenantCode && (row.ExpiresAt == null || row.ExpiresAt > now));
    }

    private async Task<IReadOnlyDictionary<ItemKey, long>> ReadVersionsAsync<TRow>(
        IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken)
        where TRow : ReadModelRow
    {
        var ids = keys.Select(key => key.Id).ToArray();
        var versions = await readModel.Set<TRow>()
            .Where(row => ids.Contains(row.Id))
            .Select(row => new { row.Pk, row.Sk, row.Version })
            .ToListAsync(cancellationToken);
        return versions.ToDictionary(row => new ItemKey(row.Pk, row.Sk), row => row.Version);
    }
}

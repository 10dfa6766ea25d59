using System.Runtime.CompilerServices;
using Cqrs.Items;
using Cqrs.Postgres.Rows;
using Cqrs.Reading;
using Cqrs.Tables;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cqrs.Postgres.Search;

/// <summary>Searches a module's table and lays the user's own pending writes over the rows that it finds: see <see cref="PendingOverlay"/>.</summary>
internal sealed class RowSearch<TRow>(
    SearchDefinition<TRow> definition,
    CqrsModule module,
    Repository repository,
    ReadModelContext readModel,
    PageReader<TRow> pages,
    RowReader<TRow> rowReader,
    RowStatements<TRow> statements,
    IServiceScopeFactory scopes,
    TimeProvider time) : IItemSearch
    where TRow : ReadModelRow, new()
{
    private static readonly IReadOnlyList<(string Field, bool IsDescending)> LatestFirst = [("createdAt", true)];

    public IReadOnlyList<SearchFilter> Filters => definition.Filters;

    public IReadOnlyList<string> OrderFields => [.. definition.Orders.Keys];

    public async Task<SearchResult> SearchAsync(SearchQuery query, SearchPage page, UserContext user, CancellationToken cancellationToken)
    {
        var (rows, overlay) = await FilterAsync(query, user, cancellationToken);
        var offset = ((long)page.Number - 1) * page.Size;
        var leading = overlay.Leading.Skip((int)Math.Min(offset, int.MaxValue)).Take(page.Size).ToList();
        var (total, found) = await pages.ReadAsync(
            readModel,
            rows,
            rows.OrderByFields(definition.Orders, page.OrderBys.Count > 0 ? page.OrderBys : LatestFirst),
            Math.Max(0, offset - overlay.Leading.Count),
            page.Size - leading.Count,
            CountAsync(query, overlay, user, cancellationToken),
            cancellationToken);
        return new SearchResult(total + overlay.Leading.Count, ShowAsync(overlay, leading, found, cancellationToken));
    }

    public async IAsyncEnumerable<ItemModel> ReadAllAsync(
        SearchQuery query, UserContext user, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (rows, overlay) = await FilterAsync(query, user, cancellationToken);
        var found = RowCursor.ReadAsync(readModel, rowReader, rows, cancellationToken);
        await foreach (var item in ShowAsync(overlay, overlay.Leading, found, cancellationToken))
        {
            yield return item;
        }
    }

    // The rows that match, without those that the overlay hides, and the overlay.
    private async Task<(IQueryable<TRow> Rows, PendingOverlay Overlay)> FilterAsync(
        SearchQuery query, UserContext user, CancellationToken cancellationToken)
    {
        var rows = Matching(readModel.Set<TRow>(), query, user);
        var overlay = new PendingOverlay();
        var pending = await repository.GetPendingAsync(module.PkOf(user.TenantCode), user, ReadVersionsAsync, cancellationToken);
        await foreach (var commands in repository.ReadAsync(pending, cancellationToken))
        {
            // The database tests pending items too, by the same predicate that will test them as rows.
            var ids = commands.Select(command => command.Id).ToArray();
            var found = await Matching(statements.Given(readModel, commands), query, user).Select(row => new { row.Id, IsPending = true })
                .Concat(rows.Where(row => ids.Contains(row.Id)).Select(row => new { row.Id, IsPending = false }))
                .ToListAsync(cancellationToken);
            var isPending = found.ToLookup(row => row.IsPending, row => row.Id);
            overlay.Add(commands, isPending[true].ToHashSet(), isPending[false].ToHashSet());
        }

        return (overlay.Hide(rows), overlay);
    }

    // The items of a result: pending writes, then rows, or what the user has written in their place.
    private async IAsyncEnumerable<ItemModel> ShowAsync(
        PendingOverlay overlay,
        IEnumerable<OwnWrite> leading,
        IAsyncEnumerable<TRow> rows,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var own in leading)
        {
            if (await ContentOfAsync(own, cancellationToken) is { } command)
            {
                yield return command;
            }
        }

        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            yield return overlay.InPlaceOf(row) is { } own && await ContentOfAsync(own, cancellationToken) is { } command
                ? command
                : row.ToData();
        }
    }

    private async Task<CommandModel?> ContentOfAsync(OwnWrite own, CancellationToken cancellationToken) => own.Command
        ?? (await repository.ReadAsync([own.Version], cancellationToken).FirstAsync(cancellationToken)).SingleOrDefault();

    private async Task<long> CountAsync(SearchQuery query, PendingOverlay overlay, UserContext user, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var rows = scope.ServiceProvider.GetRequiredService<ReadModelContext>().Set<TRow>();
        return await overlay.Hide(Matching(rows, query, user)).LongCountAsync(cancellationToken);
    }

    private IQueryable<TRow> Matching(IQueryable<TRow> rows, SearchQuery query, UserContext user)
    {
        var now = time.GetUtcNow();
        return definition.Apply(
            query,
            rows.AsNoTracking().Where(row => row.TenantCode == user.TenantCode && (row.ExpiresAt == null || row.ExpiresAt > now)));
    }

    private async Task<IReadOnlyDictionary<ItemKey, long>> ReadVersionsAsync(IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken)
    {
        var ids = keys.Select(key => key.Id).ToArray();
        var versions = await readModel.Set<TRow>()
            .Where(row => ids.Contains(row.Id))
            .Select(row => new { row.Pk, row.Sk, row.Version })
            .ToListAsync(cancellationToken);
        return versions.ToDictionary(row => new ItemKey(row.Pk, row.Sk), row => row.Version);
    }
}

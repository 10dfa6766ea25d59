using System.Runtime.CompilerServices;
using Cqrs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Modules.Http;

namespace Modules.ReadModel;

/// <summary>Which page of a search is wanted, in which order.</summary>
public sealed record SearchPage(int Number, int Size, IReadOnlyList<(string Field, bool IsDescending)> OrderBys);

/// <summary>Searches a module's table and lays the user's own pending writes over what it finds: see <see cref="PendingOverlay"/>.</summary>
internal sealed class SearchReader<TRow, TSearch>(
    ReadModelContext readModel,
    PageReader<TRow> pages,
    RowStatements<TRow> statements,
    IServiceScopeFactory scopes,
    Repository repository,
    CqrsModule module,
    TimeProvider time)
    where TRow : ReadModelRow, new()
    where TSearch : ISearch<TRow, TSearch>
{
    public async Task<EntityPage> ReadAsync(TSearch search, SearchPage page, UserContext user, CancellationToken cancellationToken)
    {
        var (rows, overlay) = await FilterAsync(search, user, cancellationToken);
        var offset = ((long)page.Number - 1) * page.Size;
        var leading = overlay.Leading.Skip((int)Math.Min(offset, int.MaxValue)).Take(page.Size).ToList();
        var ordered = rows.OrderByFields(TSearch.Orders, page.OrderBys.Count > 0 ? page.OrderBys : [("createdAt", true)]);
        var (total, found) = await pages.ReadAsync(
            readModel,
            rows,
            ordered,
            Math.Max(0, offset - overlay.Leading.Count),
            page.Size - leading.Count,
            CountAsync(search, overlay, user, cancellationToken),
            cancellationToken);
        return new EntityPage(total + overlay.Leading.Count, ShowAsync(search, overlay, leading, found, cancellationToken));
    }

    /// <summary>The rows that match, without those that the overlay hides, and the overlay.</summary>
    public async Task<(IQueryable<TRow> Rows, PendingOverlay Overlay)> FilterAsync(
        TSearch search, UserContext user, CancellationToken cancellationToken)
    {
        var rows = search.Filter(Visible(readModel.Set<TRow>(), user));
        var overlay = new PendingOverlay();
        var pending = await repository.GetPendingAsync(module.PkOf(user.TenantCode), user, ReadVersionsAsync, cancellationToken);
        await foreach (var commands in repository.ReadAsync(pending, cancellationToken))
        {
            // The database tests pending items too, by the same predicate that will test them as rows.
            var ids = commands.Select(command => command.Id).ToArray();
            var own = search.Filter(Visible(statements.Given(readModel, commands), user));
            var found = await own.Select(row => new { row.Id, IsPending = true })
                .Concat(rows.Where(row => ids.Contains(row.Id)).Select(row => new { row.Id, IsPending = false }))
                .ToListAsync(cancellationToken);
            var isPending = found.ToLookup(one => one.IsPending, one => one.Id);
            overlay.Add(commands, isPending[true].ToHashSet(), isPending[false].ToHashSet());
        }

        return (overlay.Hide(rows), overlay);
    }

    /// <summary>The items of a result: pending writes, then rows, or what the user has written in their place.</summary>
    public async IAsyncEnumerable<Entity> ShowAsync(
        TSearch search,
        PendingOverlay overlay,
        IEnumerable<OwnWrite> leading,
        IAsyncEnumerable<TRow> rows,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var own in leading)
        {
            if (await ContentOfAsync(own, cancellationToken) is { } command)
            {
                yield return Entity.From(command);
            }
        }

        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            yield return overlay.InPlaceOf(row) is { } own && await ContentOfAsync(own, cancellationToken) is { } command
                ? Entity.From(command)
                : search.ToEntity(row);
        }
    }

    private async Task<CommandModel?> ContentOfAsync(OwnWrite own, CancellationToken cancellationToken) => own.Command
        ?? (await repository.ReadAsync([own.Version], cancellationToken).FirstAsync(cancellationToken)).SingleOrDefault();

    private async Task<long> CountAsync(TSearch search, PendingOverlay overlay, UserContext user, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var rows = scope.ServiceProvider.GetRequiredService<ReadModelContext>().Set<TRow>();
        return await overlay.Hide(search.Filter(Visible(rows, user))).LongCountAsync(cancellationToken);
    }

    private IQueryable<TRow> Visible(IQueryable<TRow> rows, UserContext user)
    {
        var now = time.GetUtcNow();
        return rows.AsNoTracking().Where(row => row.TenantCode == user.TenantCode && (row.ExpiresAt == null || row.ExpiresAt > now));
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

using System.Runtime.CompilerServices;
using Cqrs.Postgres.Rows;
using Microsoft.EntityFrameworkCore;

namespace Cqrs.Postgres.Search;

/// <summary>
/// Reads a page of rows, and how many there are in all. What is ordinary comes in one statement; a page of rows that are too large to be held all at
/// once comes some rows at a time, as it is taken.
/// </summary>
internal sealed class PageReader<TRow>(RowReader<TRow> reader)
    where TRow : ReadModelRow, new()
{
    /// <summary>A page whose texts have more characters is not held as a whole.</summary>
    internal const int MaxCharacters = 4 * 1024 * 1024;

    // Rows are not read blindly beyond it: who asks for page one million gets the count first.
    private const int MaxBlindOffset = 100_000;

    // At their limit they have about as many characters as a page that is held.
    private const int LargeRowsAtOnce = 8;

    /// <param name="readModel">The context of the request.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="ordered">The same in their order.</param>
    /// <param name="offset">How many come before the page.</param>
    /// <param name="limit">How many it has at most.</param>
    /// <param name="counting">
    /// Counts all rows. That costs about as much as the page: the two go side by side, on connections of their own. Where a write between them shows
    /// (a row that is counted and not on the page), both come once more in one statement, which sees all at one moment.
    /// </param>
    /// <param name="cancellationToken">Stops the read.</param>
    public async Task<(long Total, IAsyncEnumerable<TRow> Rows)> ReadAsync(
        ReadModelContext readModel,
        IQueryable<TRow> rows,
        IQueryable<TRow> ordered,
        long offset,
        int limit,
        Task<long> counting,
        CancellationToken cancellationToken)
    {
        if (limit == 0 || (offset > MaxBlindOffset && offset >= await counting))
        {
            return (await counting, AsyncEnumerable.Empty<TRow>());
        }

        var page = ordered.Skip((int)offset).Take(limit);
        var found = await TryReadAsync(readModel, page, cancellationToken);
        var total = await counting;
        if (found is null)
        {
            var ids = await page.Select(row => new { row.Id, Total = rows.LongCount() }).ToListAsync(cancellationToken);
            return (
                ids is [var first, ..] ? first.Total : Math.Min(total, offset),
                ReadByIdAsync(readModel, ids.ConvertAll(row => row.Id), cancellationToken));
        }

        if (found.Count == Math.Clamp(total - offset, 0, limit))
        {
            return (total, found.ToAsyncEnumerable());
        }

        var both = await page.Select(row => new { Row = row, Total = rows.LongCount() }).ToListAsync(cancellationToken);
        return both is [var one, ..]
            ? (one.Total, both.ConvertAll(row => row.Row).ToAsyncEnumerable())
            : (Math.Min(total, offset), AsyncEnumerable.Empty<TRow>());
    }

    // Null if it is too large. It is tried again after a fault of the connection, as EF does with its own queries.
    private async Task<List<TRow>?> TryReadAsync(ReadModelContext readModel, IQueryable<TRow> page, CancellationToken cancellationToken) =>
        await readModel.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                await readModel.Database.OpenConnectionAsync(token);
                try
                {
                    await using var select = page.CreateDbCommand();
                    var (found, characters) = (new List<TRow>(), 0L);
                    await foreach (var (row, length) in reader.ReadAsync(select, token))
                    {
                        found.Add(row);
                        characters += length;
                        if (characters > MaxCharacters)
                        {
                            // Else all that is left would be read before the connection is free.
                            select.Cancel();
                            return null;
                        }
                    }

                    return found;
                }
                finally
                {
                    await readModel.Database.CloseConnectionAsync();
                }
            },
            cancellationToken);

    // Nothing is held open while the reader of the answer takes what it has. A row that has changed since comes as it is now.
    private static async IAsyncEnumerable<TRow> ReadByIdAsync(
        ReadModelContext readModel, List<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var some in ids.Chunk(LargeRowsAtOnce))
        {
            var rows = await readModel.Set<TRow>().AsNoTracking().Where(row => some.Contains(row.Id)).ToDictionaryAsync(row => row.Id, cancellationToken);
            foreach (var id in some)
            {
                if (rows.Remove(id, out var row))
                {
                    yield return row;
                }
            }
        }
    }
}

using System.Runtime.CompilerServices;
using Cqrs.Postgres.Rows;
using Microsoft.EntityFrameworkCore;

namespace Cqrs.Postgres.Search;

/// <summary>Reads any number of rows as they are at one moment, through a cursor of the database: neither side holds them all.</summary>
internal static class RowCursor
{
    private const int RowsPerFetch = 500;

    public static async IAsyncEnumerable<TRow> ReadAsync<TRow>(
        ReadModelContext readModel, RowReader<TRow> reader, IQueryable<TRow> rows, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TRow : ReadModelRow, new()
    {
        // EF knows nothing of the transaction: it has none where a query may be tried again. That skips no row: with a connection goes its cursor.
        // A connection that is closed in a transaction is rolled back.
        await readModel.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await readModel.Database.ExecuteSqlRawAsync("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", cancellationToken);
            await using var declare = rows.OrderBy(row => row.Id).CreateDbCommand();
            declare.CommandText = $"DECLARE export NO SCROLL CURSOR FOR {declare.CommandText}";
            await declare.ExecuteNonQueryAsync(cancellationToken);
            while (true)
            {
                var count = 0;
                await using var fetch = readModel.Database.GetDbConnection().CreateCommand();
                fetch.CommandText = $"FETCH {RowsPerFetch} FROM export";
                await foreach (var (row, _) in reader.ReadAsync(fetch, cancellationToken))
                {
                    count++;
                    yield return row;
                }

                if (count < RowsPerFetch)
                {
                    yield break;
                }
            }
        }
        finally
        {
            await readModel.Database.CloseConnectionAsync();
        }
    }
}

using System.Data;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Modules.ReadModel;

namespace Modules.Transfer;

/// <summary>Reads any number of rows as they are at one moment, through a cursor of the database: neither side holds them all.</summary>
internal static class RowCursor
{
    private const int RowsPerFetch = 1000;

    public static async IAsyncEnumerable<TRow> ReadAsync<TRow>(
        ReadModelContext readModel, IQueryable<TRow> rows, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TRow : ReadModelRow
    {
        await using var transaction = await readModel.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using var declare = rows.OrderBy(row => row.Id).CreateDbCommand();
        declare.CommandText = $"DECLARE export NO SCROLL CURSOR FOR {declare.CommandText}";
        declare.Transaction = transaction.GetDbTransaction();
        await declare.ExecuteNonQueryAsync(cancellationToken);
        while (true)
        {
            var page = await readModel.Set<TRow>()
                .FromSqlRaw($"FETCH {RowsPerFetch} FROM export")
                .AcrossTenants()
                .AsNoTracking()
                .ToListAsync(cancellationToken);
            foreach (var row in page)
            {
                yield return row;
            }

            if (page.Count < RowsPerFetch)
            {
                yield break;
            }
        }
    }
}

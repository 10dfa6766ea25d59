using System.Linq.Expressions;
using Cqrs.Postgres.Rows;

namespace Cqrs.Postgres.Search;

/// <summary>Sorts rows by fields that a caller names, and those that are equal in them by id: without it, pages could repeat or skip rows.</summary>
public static class Ordering
{
    public static IOrderedQueryable<TRow> OrderByFields<TRow>(
        this IQueryable<TRow> rows,
        IReadOnlyDictionary<string, Expression<Func<TRow, object?>>> expressions,
        IReadOnlyList<(string Field, bool IsDescending)> fields)
        where TRow : ReadModelRow
    {
        var (first, isDescending) = fields[0];
        var ordered = isDescending ? rows.OrderByDescending(expressions[first]) : rows.OrderBy(expressions[first]);
        ordered = fields.Skip(1).Aggregate(
            ordered,
            (sorted, next) => next.IsDescending ? sorted.ThenByDescending(expressions[next.Field]) : sorted.ThenBy(expressions[next.Field]));
        // In the direction of the last field, so that an index of field and id is read in its order, or backwards.
        return fields[^1].IsDescending ? ordered.ThenByDescending(row => row.Id) : ordered.ThenBy(row => row.Id);
    }
}

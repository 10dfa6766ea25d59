using System.Linq.Expressions;

namespace Modules.ReadModel;

/// <summary>Sorts rows by fields that a caller names.</summary>
public static class Ordering
{
    public static IOrderedQueryable<TRow> OrderByFields<TRow>(
        this IQueryable<TRow> rows,
        IReadOnlyDictionary<string, Expression<Func<TRow, object?>>> expressions,
        IReadOnlyList<(string Field, bool IsDescending)> fields)
    {
        var (first, isDescending) = fields[0];
        var ordered = isDescending ? rows.OrderByDescending(expressions[first]) : rows.OrderBy(expressions[first]);
        return fields.Skip(1).Aggregate(
            ordered,
            (sorted, next) => next.IsDescending ? sorted.ThenByDescending(expressions[next.Field]) : sorted.ThenBy(expressions[next.Field]));
    }
}

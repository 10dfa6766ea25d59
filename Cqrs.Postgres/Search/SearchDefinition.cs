using System.Linq.Expressions;
using Cqrs.Postgres.Rows;
using Cqrs.Reading;
using Microsoft.EntityFrameworkCore;

namespace Cqrs.Postgres.Search;

/// <summary>
/// Defines how the rows of a module are searched: its filters and the fields to order by. Each is stated once, and the API's description, the reading of
/// queries and the SQL follow from it. Every search has filters for id, keys, code and deleted items, and the fields that all rows have.
/// </summary>
/// <typeparam name="TRow">The row of the module.</typeparam>
public sealed class SearchDefinition<TRow>
    where TRow : ReadModelRow
{
    private const string IncludeDeleted = "includeDeleted";

    private readonly Dictionary<string, (SearchFilter Filter, Func<IQueryable<TRow>, object, IQueryable<TRow>> Apply)> _filters = [];
    private readonly Dictionary<string, Expression<Func<TRow, object?>>> _orders = new()
    {
        ["createdAt"] = row => row.CreatedAt,
        ["updatedAt"] = row => row.UpdatedAt,
        ["name"] = row => row.Name,
        ["code"] = row => row.Code,
        ["version"] = row => row.Version,
    };

    /// <summary>Creates a definition with what all modules have.</summary>
    public SearchDefinition()
    {
        Exactly("id", "Exactly this id", row => row.Id);
        Exactly("pk", "Exactly this partition key", row => row.Pk);
        Exactly("sk", "Exactly this sort key", row => row.Sk);
        Exactly("code", "Exactly this code", row => row.Code);
        Add(IncludeDeleted, "Whether softly deleted items are shown", SearchValueKind.Flag, (rows, _) => rows);
    }

    internal IReadOnlyList<SearchFilter> Filters => [.. _filters.Values.Select(filter => filter.Filter)];

    internal IReadOnlyDictionary<string, Expression<Func<TRow, object?>>> Orders => _orders;

    /// <summary>Adds a filter by a part of any of some columns, whatever the case.</summary>
    public SearchDefinition<TRow> Containing(string name, string description, params Expression<Func<TRow, string?>>[] columns) =>
        Add(name, description, SearchValueKind.Text, (rows, value) =>
        {
            var pattern = $"%{((string)value).Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";
            return rows.Where(columns
                .Select(column => On(column, text => EF.Functions.ILike(text!, pattern, @"\")))
                .Aggregate((one, other) => Expression.Lambda<Func<TRow, bool>>(
                    Expression.OrElse(one.Body, Replace(other, one.Parameters[0])), one.Parameters)));
        });

    /// <summary>Adds a filter by the whole text of a column.</summary>
    public SearchDefinition<TRow> Exactly(string name, string description, Expression<Func<TRow, string?>> column) =>
        Add(name, description, SearchValueKind.Text, (rows, value) =>
        {
            var wanted = (string)value;
            return rows.Where(On(column, text => text == wanted));
        });

    /// <summary>Adds a filter by the least value of a column.</summary>
    public SearchDefinition<TRow> AtLeast(string name, string description, Expression<Func<TRow, decimal?>> column) =>
        Add(name, description, SearchValueKind.Number, (rows, value) =>
        {
            var least = (decimal)value;
            return rows.Where(On(column, number => number >= least));
        });

    /// <summary>Adds a filter by the greatest value of a column.</summary>
    public SearchDefinition<TRow> AtMost(string name, string description, Expression<Func<TRow, decimal?>> column) =>
        Add(name, description, SearchValueKind.Number, (rows, value) =>
        {
            var most = (decimal)value;
            return rows.Where(On(column, number => number <= most));
        });

    /// <summary>Adds a field to order by.</summary>
    public SearchDefinition<TRow> OrderedBy(string name, Expression<Func<TRow, object?>> column)
    {
        _orders.Add(name, column);
        return this;
    }

    internal IQueryable<TRow> Apply(SearchQuery query, IQueryable<TRow> rows)
    {
        rows = query.Values.Aggregate(rows, (filtered, given) => _filters[given.Key].Apply(filtered, given.Value));
        return query.Values.GetValueOrDefault(IncludeDeleted) is true ? rows : rows.Where(row => !row.IsDeleted);
    }

    private SearchDefinition<TRow> Add(
        string name, string description, SearchValueKind kind, Func<IQueryable<TRow>, object, IQueryable<TRow>> apply)
    {
        _filters.Add(name, (new SearchFilter(name, description, kind), apply));
        return this;
    }

    // row => test(column(row)). A value that the test captures becomes a parameter of the statement.
    private static Expression<Func<TRow, bool>> On<T>(Expression<Func<TRow, T>> column, Expression<Func<T, bool>> test) =>
        Expression.Lambda<Func<TRow, bool>>(Replace(test, column.Body), column.Parameters);

    private static Expression Replace(LambdaExpression lambda, Expression argument) =>
        new Substitution(lambda.Parameters[0], argument).Visit(lambda.Body);

    private sealed class Substitution(ParameterExpression parameter, Expression argument) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? argument : node;
    }
}

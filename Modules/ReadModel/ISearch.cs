using System.Linq.Expressions;
using Cqrs;
using Modules.Http;

namespace Modules.ReadModel;

/// <summary>How a module's items are searched: which filters there are, what they mean in SQL and in memory, and how a row shows.</summary>
/// <typeparam name="TRow">The module's row.</typeparam>
/// <typeparam name="TSelf">The search itself.</typeparam>
public interface ISearch<TRow, TSelf>
    where TRow : ReadModelRow
    where TSelf : ISearch<TRow, TSelf>
{
    /// <summary>The filters that <see cref="Read"/> reads, for the API's description.</summary>
    static abstract IReadOnlyList<QueryParameter> Filters { get; }

    /// <summary>The fields to sort by.</summary>
    static abstract IReadOnlyDictionary<string, Expression<Func<TRow, object?>>> Orders { get; }

    /// <summary>Reads the filters; what is wrong with them is in the reader.</summary>
    static abstract TSelf Read(QueryReader query);

    /// <summary>Whether a filter names a key of another tenant: that is refused.</summary>
    bool NamesOtherTenant(string tenant) => false;

    /// <summary>The filter as SQL.</summary>
    IQueryable<TRow> Filter(IQueryable<TRow> rows);

    /// <summary>The same filter on a state that is not in the read model yet.</summary>
    bool Matches(ItemModel item);

    Entity ToEntity(TRow row);
}

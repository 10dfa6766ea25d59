using System.Linq.Expressions;
using Modules.Http;

namespace Modules.ReadModel;

/// <summary>How a module's items are searched: which filters there are, what they mean, and how a row shows.</summary>
/// <typeparam name="TRow">The module's row.</typeparam>
/// <typeparam name="TSelf">The search itself.</typeparam>
public interface ISearch<TRow, TSelf>
    where TRow : ReadModelRow, new()
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

    /// <summary>The filter as SQL. States that are not in the read model yet are asked by it too: what it means stands nowhere else.</summary>
    IQueryable<TRow> Filter(IQueryable<TRow> rows);

    Entity ToEntity(TRow row);
}

using Cqrs.Items;

namespace Cqrs.Reading;

/// <summary>
/// Searches the items of a module in a read model. A module registers it under its name; the endpoints for search and export use it, and
/// know nothing of the store behind it.
/// </summary>
public interface IItemSearch
{
    /// <summary>Gets the filters that a query may name.</summary>
    IReadOnlyList<SearchFilter> Filters { get; }

    /// <summary>Gets the fields that a page may be ordered by.</summary>
    IReadOnlyList<string> OrderFields { get; }

    /// <summary>Returns a page of the items that match, with the user's own pending writes.</summary>
    /// <param name="query">The filters.</param>
    /// <param name="page">The page.</param>
    /// <param name="user">The user, and the tenant whose items are searched.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    Task<SearchResult> SearchAsync(SearchQuery query, SearchPage page, UserContext user, CancellationToken cancellationToken);

    /// <summary>Returns all items that match, as they are at one moment, with the user's own pending writes. Memory does not grow with their number.</summary>
    /// <param name="query">The filters.</param>
    /// <param name="user">The user, and the tenant whose items are read.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    IAsyncEnumerable<ItemModel> ReadAllAsync(SearchQuery query, UserContext user, CancellationToken cancellationToken);
}

/// <summary>The type of the value that a filter takes.</summary>
public enum SearchValueKind
{
    /// <summary>A text: a <see cref="string"/>.</summary>
    Text,

    /// <summary>An exact number: a <see cref="decimal"/>.</summary>
    Number,

    /// <summary>True or false: a <see cref="bool"/>, false if it is not given.</summary>
    Flag,
}

/// <summary>A filter of a search.</summary>
/// <param name="Name">The name of its query parameter.</param>
/// <param name="Description">Its effect, for the description of the API.</param>
/// <param name="Kind">The type of its value.</param>
public sealed record SearchFilter(string Name, string Description, SearchValueKind Kind);

/// <summary>The filters of one search.</summary>
/// <param name="Values">The value of each filter that was given, by its name.</param>
public sealed record SearchQuery(IReadOnlyDictionary<string, object> Values)
{
    /// <summary>Returns the text that a filter was given; null if it was given none.</summary>
    public string? Text(string filter) => Values.GetValueOrDefault(filter) as string;
}

/// <summary>The page of a search that is wanted.</summary>
/// <param name="Number">The number of the page, from 1.</param>
/// <param name="Size">The number of items on a page.</param>
/// <param name="OrderBys">The fields to order by, the most significant first. Without any, the latest created comes first.</param>
public sealed record SearchPage(int Number, int Size, IReadOnlyList<(string Field, bool IsDescending)> OrderBys);

/// <summary>A page of a search.</summary>
/// <param name="Total">The number of all items that match.</param>
/// <param name="Items">The items of the page. Large items are read while they are taken.</param>
public sealed record SearchResult(long Total, IAsyncEnumerable<ItemModel> Items);

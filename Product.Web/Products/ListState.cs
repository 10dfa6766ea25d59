using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;
using Product.Web.Api;

namespace Product.Web.Products;

/// <summary>The state of the list. It stands in the address, so that reload, back and a shared link bring the same list.</summary>
public sealed record ListState(ProductFilter Filter, int Page, string SortField, bool IsDescending)
{
    public const int PageSize = 20;

    private const string DefaultField = "createdAt";

    private static readonly string[] Fields = ["createdAt", "updatedAt", "name", "code", "price", "category", "version"];

    public static ListState All { get; } = new(new(), 1, DefaultField, IsDescending: true);

    public bool IsFiltered => Filter != All.Filter;

    /// <summary>Gets whether there is an answer to it. A filter that cannot be read is not left out: the list would be of something else.</summary>
    public bool CanBeAsked => IsPrice(Filter.MinPrice) && IsPrice(Filter.MaxPrice);

    /// <summary>Reads an address. A page or an order that is none leaves the list as it is without one.</summary>
    public static ListState Parse(ProductFilter filter, string? page, string? sort)
    {
        var field = sort?.TrimStart('-') ?? "";
        var isKnown = Fields.Contains(field);
        return new(
            filter,
            int.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 ? number : 1,
            isKnown ? field : DefaultField,
            !isKnown || sort!.StartsWith('-'));
    }

    public static ProductFilter ParseFilter(string? keyword, string? category, string? minPrice, string? maxPrice, string? deleted) =>
        new(keyword ?? "", category ?? "", ReadPrice(minPrice), ReadPrice(maxPrice), deleted == "1");

    /// <summary>Returns how a price is written in the address: in one way, or as it was typed if it is none.</summary>
    public static string ReadPrice(string? text) =>
        ExactDecimal.TryParse(text ?? "", out var price) ? price.ToString(CultureInfo.InvariantCulture) : text?.Trim() ?? "";

    public static bool IsPrice(string text) => text.Length == 0 || ExactDecimal.TryParse(text, out _);

    public ListState With(ProductFilter filter) => this with { Filter = filter, Page = 1 };

    public ListState WithPage(int page) => this with { Page = page };

    /// <summary>Sorted by a column: ascending first, and the other way round when it is the column already.</summary>
    public ListState SortedBy(string field) => this with { SortField = field, IsDescending = field == SortField && !IsDescending, Page = 1 };

    public string ToUri()
    {
        var query = FilterQuery();
        if (SortField != DefaultField || !IsDescending)
        {
            query.Add("sort", IsDescending ? $"-{SortField}" : SortField);
        }

        if (Page > 1)
        {
            query.Add("page", Page.ToString(CultureInfo.InvariantCulture));
        }

        return $"/products{query}";
    }

    /// <summary>Where all that the list is filtered to can be downloaded.</summary>
    public string ToExportUri(string format)
    {
        var query = FilterQuery();
        query.Add("format", format);
        return $"/products/export{query}";
    }

    public ProductSearch ToSearch() => new(Filter, Page, PageSize, $"{SortField}:{(IsDescending ? "desc" : "asc")}");


    private QueryBuilder FilterQuery()
    {
        var query = new QueryBuilder();
        foreach (var (name, value) in new[]
        {
            ("keyword", Filter.Keyword),
            ("category", Filter.Category),
            ("min", Filter.MinPrice),
            ("max", Filter.MaxPrice),
            ("deleted", Filter.IncludeDeleted ? "1" : null),
        })
        {
            if (!string.IsNullOrEmpty(value))
            {
                query.Add(name, value);
            }
        }

        return query;
    }
}

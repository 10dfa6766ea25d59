using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;
using Product.Web.Api;

namespace Product.Web.Products;

/// <summary>What the list shows. It stands in the address, so that reload, back and a shared link bring the same list.</summary>
public sealed record ListState(string Keyword, int Page, string SortField, bool IsDescending)
{
    public const int PageSize = 20;

    private const string DefaultField = "createdAt";

    private static readonly string[] Fields = ["createdAt", "updatedAt", "name", "code", "price", "category", "version"];

    /// <summary>Reads an address as far as it makes sense: people edit addresses, and a list is more use to them than an error.</summary>
    public static ListState Parse(string? keyword, string? page, string? sort)
    {
        var field = sort?.TrimStart('-') ?? "";
        var isKnown = Fields.Contains(field);
        return new(
            keyword ?? "",
            int.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 ? number : 1,
            isKnown ? field : DefaultField,
            !isKnown || sort!.StartsWith('-'));
    }

    public ListState WithKeyword(string keyword) => this with { Keyword = keyword, Page = 1 };

    public ListState WithPage(int page) => this with { Page = page };

    /// <summary>Sorted by a column: ascending first, and the other way round when it is the column already.</summary>
    public ListState SortedBy(string field) => this with { SortField = field, IsDescending = field == SortField && !IsDescending, Page = 1 };

    public string ToUri()
    {
        var query = new QueryBuilder();
        if (Keyword.Length > 0)
        {
            query.Add("keyword", Keyword);
        }

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

    public ProductSearch ToSearch() => new(Keyword, Id: null, Page, PageSize, $"{SortField}:{(IsDescending ? "desc" : "asc")}");
}

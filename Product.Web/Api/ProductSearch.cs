using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;

namespace Product.Web.Api;

/// <summary>Which products. Prices as they stand in the address: the API says which of them are none.</summary>
public sealed record ProductFilter(
    string Keyword = "", string Category = "", string MinPrice = "", string MaxPrice = "", bool IncludeDeleted = false)
{
    /// <summary>As the API reads it, in search and in export.</summary>
    public QueryBuilder ToQuery()
    {
        var query = new QueryBuilder();
        AddIfGiven("keyword", Keyword);
        AddIfGiven("category", Category);
        AddIfGiven("minPrice", MinPrice);
        AddIfGiven("maxPrice", MaxPrice);
        AddIfGiven("includeDeleted", IncludeDeleted ? "true" : null);
        return query;

        void AddIfGiven(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                query.Add(name, value);
            }
        }
    }
}

/// <summary>A page of what to search for; <paramref name="OrderBy"/> as in <c>name:asc</c>.</summary>
public sealed record ProductSearch(ProductFilter Filter, int Page = 1, int PageSize = 20, string? OrderBy = null)
{
    public QueryBuilder ToQuery()
    {
        var query = Filter.ToQuery();
        query.Add("page", Page.ToString(CultureInfo.InvariantCulture));
        query.Add("pageSize", PageSize.ToString(CultureInfo.InvariantCulture));
        if (OrderBy is not null)
        {
            query.Add("orderBys", OrderBy);
        }

        return query;
    }
}

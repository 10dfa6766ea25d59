using System.Linq.Expressions;
using System.Text.Json.Nodes;
using Cqrs;
using Microsoft.EntityFrameworkCore;
using Modules.Http;

namespace Modules.Products;

/// <summary>What to search products by. The filter is a value of its own: export takes it too.</summary>
internal sealed record ProductFilter(
    string? Keyword, string? Id, string? Pk, string? Sk, string? Code, string? Category, decimal? MinPrice, decimal? MaxPrice, bool IncludeDeleted)
{
    public static ProductFilter Read(QueryReader query) => new(
        query.Text("keyword"),
        query.Text("id"),
        query.Text("pk"),
        query.Text("sk"),
        query.Text("code"),
        query.Text("category"),
        query.Decimal("minPrice"),
        query.Decimal("maxPrice"),
        query.Flag("includeDeleted"));

    public bool NamesOtherTenant(string tenant) => IsOther(Pk, tenant) || IsOther(Id, tenant);

    public IQueryable<ProductRow> Apply(IQueryable<ProductRow> rows, string tenant, DateTimeOffset now)
    {
        rows = rows.Where(row => row.TenantCode == tenant && (row.ExpiresAt == null || row.ExpiresAt > now));
        if (Keyword is not null)
        {
            var pattern = $"%{Keyword.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_")}%";
            rows = rows.Where(row => EF.Functions.ILike(row.Code, pattern, "\\")
                || EF.Functions.ILike(row.Name, pattern, "\\")
                || EF.Functions.ILike(row.Description!, pattern, "\\")
                || EF.Functions.ILike(row.Category!, pattern, "\\"));
        }

        rows = Id is null ? rows : rows.Where(row => row.Id == Id);
        rows = Pk is null ? rows : rows.Where(row => row.Pk == Pk);
        rows = Sk is null ? rows : rows.Where(row => row.Sk == Sk);
        rows = Code is null ? rows : rows.Where(row => row.Code == Code);
        rows = Category is null ? rows : rows.Where(row => row.Category == Category);
        rows = MinPrice is null ? rows : rows.Where(row => row.Price >= MinPrice);
        rows = MaxPrice is null ? rows : rows.Where(row => row.Price <= MaxPrice);
        return IncludeDeleted ? rows : rows.Where(row => !row.IsDeleted);
    }

    private static bool IsOther(string? key, string tenant) =>
        key?.Split(Keys.KeySeparator) is [_, var code, ..] && code != tenant;
}

/// <summary>Which page of a search is wanted, in which order.</summary>
internal sealed record ProductSearch(ProductFilter Filter, int Page, int PageSize, IReadOnlyList<(string Field, bool IsDescending)> OrderBys)
{
    private static readonly Dictionary<string, Expression<Func<ProductRow, object?>>> Orders = new()
    {
        ["createdAt"] = row => row.CreatedAt,
        ["updatedAt"] = row => row.UpdatedAt,
        ["name"] = row => row.Name,
        ["code"] = row => row.Code,
        ["price"] = row => row.Price,
        ["category"] = row => row.Category,
        ["version"] = row => row.Version,
    };

    /// <summary>Reads the query parameters; what is wrong with them is in the reader.</summary>
    public static ProductSearch Read(QueryReader query) => new(
        ProductFilter.Read(query),
        query.Int("page", 1, 1, int.MaxValue),
        query.Int("pageSize", 20, 1, 1000),
        [.. query.Texts("orderBys").Select(text => ReadOrder(query, text))]);

    public IQueryable<ProductRow> Order(IQueryable<ProductRow> rows)
    {
        var ordered = (OrderBys.Count > 0 ? OrderBys : [("createdAt", true)]).Aggregate(
            (IOrderedQueryable<ProductRow>?)null,
            (sorted, order) => (sorted, order.IsDescending) switch
            {
                (null, false) => rows.OrderBy(Orders[order.Field]),
                (null, true) => rows.OrderByDescending(Orders[order.Field]),
                (_, false) => sorted.ThenBy(Orders[order.Field]),
                (_, true) => sorted.ThenByDescending(Orders[order.Field]),
            })!;
        // The id makes the order total: without it, pages could repeat or skip rows that are equal in all else.
        return ordered.ThenBy(row => row.Id);
    }

    public static Entity ToEntity(ProductRow row)
    {
        var attributes = new ProductAttributes { Category = row.Category, Price = row.Price, Description = row.Description }.ToJson();
        if (row.Specification is { } specification)
        {
            attributes["specification"] = JsonNode.Parse(specification);
        }

        return Entity.From(row, attributes);
    }

    private static (string Field, bool IsDescending) ReadOrder(QueryReader query, string text)
    {
        var (field, direction) = text.Split(':') switch
        {
            [['-', .. var name]] => (name, "desc"),
            [var name] => (name, "asc"),
            [var name, var word] => (name, word),
            _ => (text, "?"),
        };
        return Orders.ContainsKey(field) && direction is ("asc" or "desc")
            ? (field, direction == "desc")
            : query.Error<(string, bool)>("orderBys", $"must be field:asc, field:desc or -field, where field is one of {string.Join(", ", Orders.Keys)}");
    }
}

using System.Linq.Expressions;
using System.Text.Json.Nodes;
using Cqrs;
using Microsoft.EntityFrameworkCore;
using Modules.Http;
using Modules.ReadModel;

namespace Modules.Products;

/// <summary>Which products are wanted, which page of them, in which order.</summary>
internal sealed record ProductSearch : ISearch<ProductRow>
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

    /// <summary>What <see cref="Read"/> reads, for the API's description.</summary>
    public static readonly QueryParameter[] Parameters =
    [
        new("keyword", "In code, name, description or category, whatever the case"),
        new("id", "Exactly this id"),
        new("pk", "Exactly this partition key"),
        new("sk", "Exactly this sort key"),
        new("code", "Exactly this code"),
        new("category", "Exactly this category"),
        new("minPrice", "At least this price", 0m, HasDefault: false),
        new("maxPrice", "At most this price", 0m, HasDefault: false),
        new("includeDeleted", "Whether softly deleted products are shown", false),
        new("page", "From 1", 1),
        new("pageSize", "1 to 1000", 20),
        new("orderBys", $"field:asc, field:desc or -field, repeatable; fields: {string.Join(", ", Orders.Keys)}", "createdAt:desc"),
    ];

    public string? Keyword { get; private init; }
    public string? Id { get; private init; }
    public string? Pk { get; private init; }
    public string? Sk { get; private init; }
    public string? Code { get; private init; }
    public string? Category { get; private init; }
    public decimal? MinPrice { get; private init; }
    public decimal? MaxPrice { get; private init; }
    public bool IncludeDeleted { get; private init; }
    public int Page { get; private init; }
    public int PageSize { get; private init; }
    public IReadOnlyList<(string Field, bool IsDescending)> OrderBys { get; private init; } = [];

    /// <summary>Reads the query parameters; what is wrong with them is in the reader.</summary>
    public static ProductSearch Read(QueryReader query) => new()
    {
        Keyword = query.Text("keyword"),
        Id = query.Text("id"),
        Pk = query.Text("pk"),
        Sk = query.Text("sk"),
        Code = query.Text("code"),
        Category = query.Text("category"),
        MinPrice = query.Decimal("minPrice"),
        MaxPrice = query.Decimal("maxPrice"),
        IncludeDeleted = query.Flag("includeDeleted"),
        Page = query.Int("page", 1, 1, int.MaxValue),
        PageSize = query.Int("pageSize", 20, 1, 1000),
        OrderBys = query.Orders("orderBys", Orders.Keys),
    };

    public bool NamesOtherTenant(string tenant) =>
        ItemDecisions.NamesOtherTenant(Pk, tenant) || ItemDecisions.NamesOtherTenant(Id, tenant);

    public IQueryable<ProductRow> Filter(IQueryable<ProductRow> rows)
    {
        if (Keyword is not null)
        {
            var pattern = $"%{Keyword.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%";
            rows = rows.Where(row => EF.Functions.ILike(row.Code, pattern, @"\")
                || EF.Functions.ILike(row.Name, pattern, @"\")
                || EF.Functions.ILike(row.Description!, pattern, @"\")
                || EF.Functions.ILike(row.Category!, pattern, @"\"));
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

    public bool Matches(ItemModel item)
    {
        var category = item.Attributes.Text("category");
        var price = item.Attributes.Decimal("price");
        return (Keyword is null || Has(item.Code) || Has(item.Name) || Has(item.Attributes.Text("description")) || Has(category))
            && (Id is null || item.Id == Id)
            && (Pk is null || item.Pk == Pk)
            && (Sk is null || item.Key.Sk == Sk)
            && (Code is null || item.Code == Code)
            && (Category is null || category == Category)
            && (MinPrice is null || price >= MinPrice)
            && (MaxPrice is null || price <= MaxPrice)
            && (IncludeDeleted || !item.IsDeleted);

        bool Has(string? text) => text?.Contains(Keyword!, StringComparison.OrdinalIgnoreCase) == true;
    }

    // The id makes the order total: without it, pages could repeat or skip rows that are equal in all else.
    public IQueryable<ProductRow> Order(IQueryable<ProductRow> rows) =>
        rows.OrderByFields(Orders, OrderBys.Count > 0 ? OrderBys : [("createdAt", true)]).ThenBy(row => row.Id);

    public Entity ToEntity(ProductRow row)
    {
        var attributes = new ProductAttributes { Category = row.Category, Price = row.Price, Description = row.Description }.ToJson();
        if (row.Specification is { } specification)
        {
            attributes["specification"] = JsonNode.Parse(specification);
        }

        return Entity.From(row, attributes);
    }
}

using System.Linq.Expressions;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Modules.Http;
using Modules.ReadModel;

namespace Modules.Products;

/// <summary>Which products are wanted.</summary>
internal sealed record ProductSearch : ISearch<ProductRow, ProductSearch>
{
    public static IReadOnlyDictionary<string, Expression<Func<ProductRow, object?>>> Orders { get; } = new Dictionary<string, Expression<Func<ProductRow, object?>>>
    {
        ["createdAt"] = row => row.CreatedAt,
        ["updatedAt"] = row => row.UpdatedAt,
        ["name"] = row => row.Name,
        ["code"] = row => row.Code,
        ["price"] = row => row.Price,
        ["category"] = row => row.Category,
        ["version"] = row => row.Version,
    };

    public static IReadOnlyList<QueryParameter> Filters { get; } =
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

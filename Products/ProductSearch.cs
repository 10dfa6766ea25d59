using Cqrs.Postgres.Search;

namespace Products;

/// <summary>The filters and orders of products, beside those that all items have.</summary>
internal static class ProductSearch
{
    public static readonly SearchDefinition<ProductRow> Definition = new SearchDefinition<ProductRow>()
        .Containing("keyword", "In code, name, description or category, whatever the case", row => row.Code, row => row.Name, row => row.Description, row => row.Category)
        .Exactly("category", "Exactly this category", row => row.Category)
        .AtLeast("minPrice", "At least this price", row => row.Price)
        .AtMost("maxPrice", "At most this price", row => row.Price)
        .OrderedBy("price", row => row.Price)
        .OrderedBy("category", row => row.Category);
}

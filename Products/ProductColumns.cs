using Cqrs.AspNetCore.Files;

namespace Products;

/// <summary>The columns of product files: how a row of a file and a product map to each other.</summary>
internal static class ProductColumns
{
    public static readonly IReadOnlyList<Column> All = Column.OfItem(
        Column.Text("category"),
        Column.Number("price"),
        Column.Text("description"),
        Column.Text("specification.weight"),
        Column.Text("specification.dimensions"));
}

using Cqrs.AspNetCore.Files;

namespace StackTests.Orders;

internal static class OrderColumns
{
    public static readonly IReadOnlyList<Column> All = Column.OfItem(
        Column.Text("customer"), Column.Number("quantity"), Column.Text("status"));
}

using Cqrs.Postgres.Search;

namespace StackTests.Orders;

internal static class OrderSearch
{
    public static readonly SearchDefinition<OrderRow> Definition = new SearchDefinition<OrderRow>()
        .Exactly("customer", "Exactly this customer", row => row.Customer)
        .Exactly("status", "Exactly this status", row => row.Status)
        .OrderedBy("quantity", row => row.Quantity);
}

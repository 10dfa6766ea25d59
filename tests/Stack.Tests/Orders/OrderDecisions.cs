using Cqrs.Items;
using Cqrs.Postgres.Rows;
using Cqrs.Publishing;

namespace StackTests.Orders;

/// <summary>Orders have a rule of their own: what is shipped stays as it is.</summary>
internal static class OrderDecisions
{
    public static Decision Decide(CommandInput proposed, ItemModel? current) =>
        current?.Attributes.Text("status") == "SHIPPED"
            ? new Decision.Reject([new FieldError("attributes.status", "is SHIPPED: the order cannot be changed any more")])
            : new Decision.Publish(proposed);
}

using Cqrs.Items;
using Cqrs.Publishing;

namespace Products;

/// <summary>The business rules of products: a pure function from what is proposed and the current state to a command or a rejection.</summary>
internal static class ProductDecisions
{
    /// <summary>Products have no rule beyond those of their contract and of every item: what is proposed is published.</summary>
    public static Decision Decide(CommandInput proposed, ItemModel? current) => new Decision.Publish(proposed);
}

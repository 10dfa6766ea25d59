using System.Text.Json.Nodes;
using Cqrs.AspNetCore.Items;
using Cqrs.Items;
using Cqrs.Publishing;
using Cqrs.Tables;

namespace Cqrs.AspNetCore.Files;

/// <summary>A row that could be read: what it proposes for the item that it is about.</summary>
/// <param name="Row">The row.</param>
/// <param name="Request">The row as a request.</param>
/// <param name="Patch">The row as a merge patch of what the module knows.</param>
internal sealed record ImportedRow<TRequest>(ImportRow Row, TRequest Request, JsonObject Patch)
    where TRequest : ItemRequest
{
    /// <summary>Gets the item, once it is known: given by the row, found by its code, or new.</summary>
    public ItemKey Key { get; init; }

    /// <summary>Gets the code that the item is to have. A row that names none is refused a code only when it makes an item, whose code is its sort key.</summary>
    public string CodeWanted => Request.Code ?? Key.Sk;

    /// <summary>Returns the decision for the row. A new item gets the whole row. An existing item is changed by the columns of the row, and keeps the rest.</summary>
    public Decision Decide(ItemModel? current, CqrsModule module, string tenant, Rules rules, DateTimeOffset now)
    {
        if (current is not null && !current.IsExpired(now))
        {
            return rules(ItemDecisions.Patch(current, Request, WithoutNothings(current.Attributes)), current);
        }

        if (Request.Name is null)
        {
            return new Decision.Reject([new FieldError("name", "is required")]);
        }

        var whole = ItemDecisions.Post(Request, Key, module, tenant);
        return rules(whole with { Attributes = (JsonObject)JsonContent.Merge(whole.Attributes, WithoutNothings([])["attributes"] ?? new JsonObject())! }, current);
    }

    /// <summary>Returns whether the row says nothing new. An item that has expired is what it was before, if the row expires it too.</summary>
    public bool IsUnchanged(ItemModel current, Decision decision, CommandService commands, DateTimeOffset now) =>
        decision is Decision.Publish(var input)
        && (current.IsExpired(now) && input.Ttl == current.Ttl
            ? commands.IsNotCommandDirty(WithoutTtl(current), input with { Ttl = null })
            : commands.IsNotCommandDirty(current, input));

    // In a merge patch, an object with nothing but nulls makes an empty object where there is none; empty cells mean that there is nothing.
    private JsonObject WithoutNothings(JsonObject stored)
    {
        var reduced = (JsonObject)Patch.DeepClone();
        if (Row.IsCsv && reduced["attributes"] is JsonObject attributes)
        {
            foreach (var name in attributes.Where(member => IsNothing(member.Value) && stored[member.Key] is not JsonObject).Select(member => member.Key).ToList())
            {
                attributes[name] = null;
            }
        }

        return reduced;
    }

    private static bool IsNothing(JsonNode? value) => value is JsonObject { Count: > 0 } members && members.All(member => member.Value is null);

    private static ItemModel WithoutTtl(ItemModel item) => item switch
    {
        DataModel data => data with { Ttl = null },
        CommandModel command => command with { Ttl = null },
        _ => item,
    };
}

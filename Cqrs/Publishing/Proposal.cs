using System.Diagnostics;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;

namespace Cqrs.Publishing;

/// <summary>The command that a request makes on top of a state, ready to be written.</summary>
/// <param name="Command">The command.</param>
/// <param name="Item">The same as it is stored.</param>
/// <param name="HasChosenSk">Whether the caller chose its key.</param>
internal sealed record Proposal(CommandModel Command, Dictionary<string, AttributeValue> Item, bool HasChosenSk)
{
    /// <summary>Makes of a request and a state a command, or the outcome that the request has without one.</summary>
    /// <param name="request">The request.</param>
    /// <param name="newest">The state; null if the item does not exist.</param>
    /// <param name="writeId">Identifies the write.</param>
    /// <param name="now">The time.</param>
    public static (Proposal? Proposal, PublishResult? Outcome) Make(
        PublishRequest request, ItemModel? newest, string writeId, DateTimeOffset now)
    {
        if (request.NeedsItem && newest?.IsExpired(now) != false)
        {
            return (null, new PublishResult.NotFound());
        }

        var decision = request.Decide(newest);
        if (decision is not Decision.Publish(var input))
        {
            return (null, new PublishResult.Rejected(((Decision.Reject)decision).Errors));
        }

        if (CommandRules.Check(input) is { Count: > 0 } errors)
        {
            return (null, new PublishResult.Rejected(errors));
        }

        if (newest is not null && NextCommand.IsUnchanged(newest, input, now))
        {
            return (null, new PublishResult.Unchanged(newest));
        }

        var command = NextCommand.From(newest, input, request.Options, writeId, Activity.Current?.Id, now) with { IsSync = request.IsSync };
        var item = ItemFormat.ToItem(command);
        return ItemSize.Of(item) is > ItemSize.MaxCommandBytes and var bytes
            ? (null, new PublishResult.TooLarge(bytes, ItemSize.MaxCommandBytes))
            : (new Proposal(command, item, input.HasChosenSk), null);
    }
}

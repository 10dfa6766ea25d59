using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.Publishing;

/// <summary>The outcome of the write of one command.</summary>
internal enum WriteOutcome
{
    Written,

    /// <summary>The version exists already: another writer was faster.</summary>
    VersionTaken,

    /// <summary>Another item of the tenant has the code.</summary>
    CodeTaken,

    /// <summary>The idempotency key was used before.</summary>
    KeyUsed,

    /// <summary>The data row is not at the version that a synchronous publish builds on.</summary>
    DataMoved,
}

/// <summary>
/// Writes a command, its reservations and its idempotency key in one request: a conditional put if there is only the command, else one transaction.
/// </summary>
internal sealed class CommandWriter(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, TimeProvider time)
{
    private const int MaxAttempts = 20;

    public async Task<WriteOutcome> WriteAsync(
        CommandModel command,
        Dictionary<string, AttributeValue> item,
        ItemModel? previous,
        Idempotency? idempotency,
        CancellationToken cancellationToken)
    {
        List<Part> parts = [new(WriteOutcome.VersionTaken, new TransactWriteItem { Put = PutCommand(item) })];
        parts.AddRange(Reservations.For(tables.Unique(module), command, previous)
            .Select(write => new Part(WriteOutcome.CodeTaken, write)));
        if (idempotency is not null)
        {
            parts.Add(new(WriteOutcome.KeyUsed, IdempotencyKeys.Reserve(tables.Unique(module), command, idempotency, time.GetUtcNow())));
        }

        if (command.IsSync)
        {
            parts.AddRange(SyncWrites.For(tables, module, command, previous).Select(write => new Part(WriteOutcome.DataMoved, write)));
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return parts.Count == 1
                    ? await PutAsync(command, item, cancellationToken)
                    : await TransactAsync(command, parts, cancellationToken);
            }
            catch (Exception contention) when (IsContention(contention) && attempt < MaxAttempts)
            {
                await Task.Delay(Backoff.Delay(attempt), cancellationToken);
            }
        }
    }

    private async Task<WriteOutcome> PutAsync(
        CommandModel command, Dictionary<string, AttributeValue> item, CancellationToken cancellationToken)
    {
        try
        {
            await dynamoDb.PutItemAsync(
                new PutItemRequest
                {
                    TableName = tables.Command(module),
                    Item = item,
                    ConditionExpression = IsNew,
                    ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure.ALL_OLD,
                },
                cancellationToken);
            return WriteOutcome.Written;
        }
        catch (ConditionalCheckFailedException taken)
        {
            return IsOwn(command, taken.Item) ? WriteOutcome.Written : Taken(taken.Item);
        }
    }

    private async Task<WriteOutcome> TransactAsync(CommandModel command, List<Part> parts, CancellationToken cancellationToken)
    {
        try
        {
            await dynamoDb.TransactWriteItemsAsync(
                new TransactWriteItemsRequest { TransactItems = [.. parts.Select(part => part.Write)] }, cancellationToken);
            return WriteOutcome.Written;
        }
        catch (TransactionCanceledException cancelled)
        {
            var reasons = cancelled.CancellationReasons ?? [];
            if (IsOwn(command, reasons.ElementAtOrDefault(0)?.Item))
            {
                return WriteOutcome.Written;
            }

            // The order of the parts decides which failure is reported: the version comes before the code.
            foreach (var (part, reason) in parts.Zip(reasons))
            {
                if (reason.Code == "ConditionalCheckFailed")
                {
                    return part.WhenRefused == WriteOutcome.VersionTaken ? Taken(reason.Item) : part.WhenRefused;
                }
            }

            throw;
        }
    }

    private Put PutCommand(Dictionary<string, AttributeValue> item) => new()
    {
        TableName = tables.Command(module),
        Item = item,
        ConditionExpression = IsNew,
        ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure.ALL_OLD,
    };

    // If the existing item is not a command, every further attempt would fail too.
    private static WriteOutcome Taken(Dictionary<string, AttributeValue>? existing)
    {
        if (existing is { Count: > 0 })
        {
            ItemFormat.ToCommand(existing);
        }

        return WriteOutcome.VersionTaken;
    }

    // An earlier attempt succeeded, its answer was lost, and the client sent it again.
    private static bool IsOwn(CommandModel command, Dictionary<string, AttributeValue>? existing) =>
        existing is not null && existing.TryGetValue("writeId", out var writeId) && writeId.S == command.WriteId;

    public static bool IsContention(Exception exception) => exception switch
    {
        TransactionConflictException or TransactionInProgressException => true,
        TransactionCanceledException cancelled => cancelled.CancellationReasons?.Any(reason => reason.Code == "TransactionConflict") == true,
        _ => false,
    };

    private const string IsNew = "attribute_not_exists(pk)";

    private sealed record Part(WriteOutcome WhenRefused, TransactWriteItem Write);
}

using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Publishing;
using Cqrs.Tables;

namespace Cqrs.Purging;

/// <summary>Frees the codes that are reserved for a purged item.</summary>
internal sealed class PurgedCodes(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module)
{
    private const int MaxAttempts = 20;

    /// <summary>Frees the codes of an item.</summary>
    /// <param name="key">The item.</param>
    /// <param name="codes">All codes that the item ever had. Only one of them can be reserved for it; the condition tells which.</param>
    /// <param name="first">
    /// The first version, as it was read; null if there is none. If the item is created anew meanwhile, the same code is reserved again, in the transaction
    /// that stores the new first version. So a code is freed only while the first version is the one that was read.
    /// </param>
    /// <param name="cancellationToken">Stops it; it is then to be done again.</param>
    public async Task FreeAsync(ItemKey key, IEnumerable<string> codes, Dictionary<string, AttributeValue>? first, CancellationToken cancellationToken)
    {
        var (isFirst, values) = first is null ? (null, null) : UnchangedItems.Condition(first);
        foreach (var code in codes.Distinct().Where(Reservations.NeedsReservation))
        {
            TransactWriteItem[] writes =
            [
                new()
                {
                    ConditionCheck = new ConditionCheck
                    {
                        TableName = tables.Command(module),
                        Key = ItemFormat.ToKey(key.Pk, key.VersionSk(1)),
                        ConditionExpression = isFirst is null ? "attribute_not_exists(pk)" : $"attribute_not_exists(pk) OR ({isFirst})",
                        ExpressionAttributeValues = values,
                    },
                },
                new()
                {
                    Delete = new Delete
                    {
                        TableName = tables.Unique(module),
                        Key = Reservations.Key(key.Pk, code),
                        ConditionExpression = "id = :id",
                        ExpressionAttributeValues = new() { [":id"] = AttributeMap.Text(key.Id) },
                    },
                },
            ];
            await TransactUnlessRefusedAsync([.. writes], cancellationToken);
        }
    }

    // Refused: another item has the code now, or nobody.
    private async Task TransactUnlessRefusedAsync(List<TransactWriteItem> writes, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await dynamoDb.TransactWriteItemsAsync(new TransactWriteItemsRequest { TransactItems = writes }, cancellationToken);
                return;
            }
            catch (TransactionCanceledException cancelled) when (cancelled.CancellationReasons.Any(reason => reason.Code == "ConditionalCheckFailed"))
            {
                return;
            }
            catch (Exception contention) when (CommandWriter.IsContention(contention) && attempt < MaxAttempts)
            {
                await Task.Delay(Backoff.Delay(attempt), cancellationToken);
            }
        }
    }
}

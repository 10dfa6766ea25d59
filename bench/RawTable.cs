using Amazon.DynamoDBv2.Model;
using Cqrs;
using Cqrs.Items;

namespace Bench;

/// <summary>What the store does by itself: the conditional put of a command, with nothing around it.</summary>
internal sealed class RawTable(BenchStack stack, string table)
{
    /// <summary>The first thousands of puts are slower: DynamoDB Local compiles.</summary>
    public Task WarmUpAsync(bool isQuick, CancellationToken cancellationToken) => Load.RunAsync(isQuick ? 2000 : 4000, 32, i => PutAsync(i, cancellationToken));

    public Task PutAsync(int i, CancellationToken cancellationToken) => stack.DynamoDb.PutItemAsync(
        new PutItemRequest
        {
            TableName = table,
            Item = ItemFormat.ToItem(Sample.Command("raw", Keys.GenerateSk(), 1, i)),
            ConditionExpression = "attribute_not_exists(pk)",
        },
        cancellationToken);
}

using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;
using Products;

namespace Bench;

/// <summary>The store by itself, with nothing around it. The requests are made before the clock runs.</summary>
internal sealed class RawTable(BenchStack stack, TableNames tables)
{
    private static readonly CqrsModule Module = ProductModule.Kernel;

    /// <summary>The first thousands of puts are slower: DynamoDB Local compiles.</summary>
    public Task WarmUpAsync(bool isQuick, CancellationToken cancellationToken) => PutAsync(isQuick ? 1000 : 4000, 32, cancellationToken);

    /// <summary>Conditional puts of commands.</summary>
    public Task<Measured> PutAsync(int count, int atOnce, CancellationToken cancellationToken)
    {
        var puts = Commands(count).Select(PutOf).ToArray();
        return Load.RunAsync(count, atOnce, i => stack.DynamoDb.PutItemAsync(puts[i], cancellationToken));
    }

    /// <summary>The same, each beside a put of what its author is to be shown.</summary>
    public Task<Measured> PutWithSessionAsync(int count, int atOnce, CancellationToken cancellationToken)
    {
        var puts = Commands(count)
            .Select(command => (
                Command: PutOf(command),
                Session: new PutItemRequest { TableName = tables.Session, Item = ItemsInData.Remembered("raw", "raw", command.Key, 1) }))
            .ToArray();
        return Load.RunAsync(count, atOnce, i => Task.WhenAll(
            stack.DynamoDb.PutItemAsync(puts[i].Session, cancellationToken), stack.DynamoDb.PutItemAsync(puts[i].Command, cancellationToken)));
    }

    /// <summary>Transactions of what a synchronous create writes to DynamoDB.</summary>
    public Task<Measured> TransactAsync(int count, int atOnce, CancellationToken cancellationToken)
    {
        var transactions = Commands(count)
            .Select(command => new TransactWriteItemsRequest
            {
                TransactItems =
                [
                    Put(tables.Command(Module), ItemFormat.ToItem(command)),
                    Put(tables.Data(Module), ItemFormat.ToItem(command.ToData())),
                ],
            })
            .ToArray();
        return Load.RunAsync(count, atOnce, i => stack.DynamoDb.TransactWriteItemsAsync(transactions[i], cancellationToken));

        static TransactWriteItem Put(string table, Dictionary<string, AttributeValue> item) =>
            new() { Put = new Put { TableName = table, Item = item, ConditionExpression = "attribute_not_exists(pk)" } };
    }

    private static IEnumerable<CommandModel> Commands(int count) =>
        Enumerable.Range(0, count).Select(i => Sample.Command("raw", Keys.GenerateSk(), 1, i));

    private PutItemRequest PutOf(CommandModel command) => new()
    {
        TableName = tables.Command(Module),
        Item = ItemFormat.ToItem(command),
        ConditionExpression = "attribute_not_exists(pk)",
    };
}

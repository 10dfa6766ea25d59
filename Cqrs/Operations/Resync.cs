using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Purging;
using Cqrs.Tables;

namespace Cqrs.Operations;

/// <summary>
/// Makes the targets of a module's handlers equal to its data table again, while writes go on: writes every row of the data table, then
/// takes down what the data table does not have, or has no command for.
/// </summary>
public sealed class Resync
{
    private const int PageSize = 500;

    private readonly IAmazonDynamoDB _dynamoDb;
    private readonly string _dataTable;
    private readonly DataService _data;
    private readonly CommandStore _commands;
    private readonly Projector _projector;
    private readonly PurgeFollower _purgeFollower;

    internal Resync(
        IAmazonDynamoDB dynamoDb,
        TableNames tables,
        CqrsModule module,
        DataService data,
        CommandStore commands,
        Projector projector,
        PurgeFollower purgeFollower)
    {
        _dynamoDb = dynamoDb;
        _dataTable = tables.Data(module);
        _data = data;
        _commands = commands;
        _projector = projector;
        _purgeFollower = purgeFollower;
    }

    /// <summary>Returns how many items the data table has under a partition key.</summary>
    public async Task<long> CountAsync(string pk, CancellationToken cancellationToken)
    {
        var total = 0L;
        Dictionary<string, AttributeValue>? startKey = null;
        do
        {
            var page = await _dynamoDb.QueryAsync(
                new QueryRequest
                {
                    TableName = _dataTable,
                    KeyConditionExpression = "pk = :pk",
                    ExpressionAttributeValues = new() { [":pk"] = AttributeMap.Text(pk) },
                    Select = Select.COUNT,
                    ExclusiveStartKey = startKey,
                },
                cancellationToken);
            total += page.Count ?? 0;
            startKey = page.LastEvaluatedKey is { Count: > 0 } last ? last : null;
        }
        while (startKey is not null);

        return total;
    }

    /// <summary>Writes the rows after <paramref name="afterSk"/> to the handlers, page by page.</summary>
    /// <returns>
    /// After each page: the last sort key, to go on from after a crash, how many rows the page had, and how many a handler refused (they are parked).
    /// </returns>
    public async IAsyncEnumerable<(string LastSk, int Rows, int Refused)> WriteRowsAsync(
        string pk, string? afterSk, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var next = afterSk; ;)
        {
            var page = await _data.ListAsync(
                pk, new ListPage(PageSize, next, IncludeDeleted: true, IsConsistent: true), cancellationToken);
            if (page.Items.Count > 0)
            {
                yield return (page.Items[^1].Sk, page.Items.Count, await WriteAsync(page.Items, cancellationToken));
            }

            if (page.LastSk is null)
            {
                yield break;
            }

            next = page.LastSk;
        }
    }

    /// <summary>
    /// Takes down rows of the handlers' targets that are neither in the data table nor about to be; and those above every command of their item,
    /// in whose place comes what the data table has.
    /// </summary>
    /// <returns>How many were taken down.</returns>
    public async Task<int> RemoveStaleRowsAsync(string pk, CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var handler in _projector.Handlers)
        {
            await foreach (var chunk in handler.ListAsync(pk, cancellationToken).Chunk(PageSize).WithCancellation(cancellationToken))
            {
                var inData = await _data.GetVersionsAsync(chunk.Select(row => row.Key), cancellationToken);
                var stale = new List<KeyVersion>();
                foreach (var row in chunk.Where(row => inData.GetValueOrDefault(row.Key) < row.Version))
                {
                    // A command above the version that is known is about to be applied.
                    var isInData = inData.TryGetValue(row.Key, out var known);
                    var newest = await _commands.FindNewestVersionAsync(row.Key, isInData ? known : row.Version, cancellationToken);
                    if (isInData ? newest < row.Version : newest == row.Version)
                    {
                        stale.Add(row);
                    }
                }

                await _projector.Targets.TakeDownAsync(handler, stale, isLastWord: true, cancellationToken);
                for (List<ItemKey> rest = [.. stale.Select(row => row.Key)]; rest.Count > 0;)
                {
                    var (states, read) = await _data.GetSomeAsync(rest, cancellationToken);
                    await WriteAsync(states, cancellationToken);
                    rest = rest[read..];
                }

                removed += stale.Count;
            }
        }

        return removed;
    }

    // Between the reading of a state and its writing its item may have been purged, and the purge followed: then it is followed once more.
    private async Task<int> WriteAsync(IReadOnlyList<DataModel> items, CancellationToken cancellationToken)
    {
        var refused = await _projector.Targets.ResyncAsync(items, cancellationToken);
        foreach (var key in await _purgeFollower.FindRemovedAsync([.. items.Select(item => item.ToCommand())], cancellationToken))
        {
            await _purgeFollower.FollowAsync(key, cancellationToken);
        }

        return refused.Count;
    }
}

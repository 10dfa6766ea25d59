using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.CommandLog;

/// <summary>Reads a module's data table: the newest state that has been applied to each item. Expired items are not there.</summary>
/// <remarks>What a user has just published may not be applied yet; to have it shown, read through the Repository.</remarks>
public sealed class DataService
{
    private const int MinFurther = 100;
    private const int MaxFurther = 1000;
    private const int BytesOfAnAnswer = 1024 * 1024;
    private const int FewRows = 10;
    private const int RowsAtFirst = 100;

    private readonly IAmazonDynamoDB _dynamoDb;
    private readonly string _table;
    private readonly TimeProvider _time;
    private readonly ILogger<DataService> _logger;

    // An answer ends at 1 MB. DynamoDB Local looks at all that it is asked for before it ends it, so large rows are not asked for by the thousand.
    private int _rowsInAnswer = RowsAtFirst;

    internal DataService(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, TimeProvider time, ILogger<DataService> logger)
    {
        _dynamoDb = dynamoDb;
        _table = tables.Data(module);
        _time = time;
        _logger = logger;
    }

    internal string Table => _table;

    /// <summary>Returns the newest applied state of an item, or null. Softly deleted items are returned too.</summary>
    public async Task<DataModel?> GetAsync(ItemKey key, CancellationToken cancellationToken = default)
    {
        var response = await _dynamoDb.GetItemAsync(
            new GetItemRequest { TableName = _table, Key = ItemFormat.ToKey(key.Pk, key.Sk) }, cancellationToken);
        return response.IsItemSet && ItemFormat.ToData(response.Item) is var data && !data.IsExpired(_time.GetUtcNow()) ? data : null;
    }

    /// <summary>Returns the versions of the given items in the data table, by strongly consistent reads; those that are not there are left out.</summary>
    public async Task<IReadOnlyDictionary<ItemKey, long>> GetVersionsAsync(
        IEnumerable<ItemKey> keys, CancellationToken cancellationToken = default)
    {
        var rows = await BatchReader.ReadAsync(
            _dynamoDb, _table, keys.Select(key => ItemFormat.ToKey(key.Pk, key.Sk)), cancellationToken, "pk, sk, version");
        return rows
            .Where(row => ItemFormat.VersionOf(row) is not null)
            .ToDictionary(row => new ItemKey(row["pk"].S, row["sk"].S), row => ItemFormat.VersionOf(row)!.Value);
    }

    /// <summary>Returns the given items as they are stored, deleted and expired ones too, by strongly consistent reads; those that are not there are left out.</summary>
    internal async Task<List<DataModel>> GetAsync(IEnumerable<ItemKey> keys, CancellationToken cancellationToken)
    {
        var rows = await BatchReader.ReadAsync(_dynamoDb, _table, keys.Select(key => ItemFormat.ToKey(key.Pk, key.Sk)), cancellationToken);
        return [.. ReadableItems.Read(rows, ItemFormat.ToData, _logger)];
    }

    /// <summary>Returns the first of the given items, in their order, until there is enough of them to hold; and how many were looked for: all, or one at least.</summary>
    internal async Task<(List<DataModel> Items, int KeysRead)> GetSomeAsync(IReadOnlyList<ItemKey> keys, CancellationToken cancellationToken)
    {
        var (rows, read) = await BatchReader.ReadSomeAsync(
            _dynamoDb, _table, [.. keys.Select(key => ItemFormat.ToKey(key.Pk, key.Sk))], cancellationToken);
        return ([.. ReadableItems.Read(rows, ItemFormat.ToData, _logger)], read);
    }

    /// <summary>
    /// Returns a page of the items under a partition key, in sort key order. Of large items it has fewer than asked for, and says where to go on. A row that something else has written and that is none is passed over.
    /// </summary>
    /// <param name="pk">The partition key.</param>
    /// <param name="page">Which page.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    public async Task<DataPage> ListAsync(string pk, ListPage page, CancellationToken cancellationToken = default)
    {
        var now = _time.GetUtcNow();
        var items = new List<DataModel>();
        var bytes = 0L;
        var startKey = page.StartFromSk is { } start ? ItemFormat.ToKey(pk, start) : null;
        // One more than asked for tells whether there is a next page.
        var limit = page.Limit + 1;
        do
        {
            var response = await _dynamoDb.QueryAsync(
                new QueryRequest
                {
                    TableName = _table,
                    KeyConditionExpression = "pk = :pk",
                    ExpressionAttributeValues = new() { [":pk"] = AttributeMap.Text(pk) },
                    ExclusiveStartKey = startKey,
                    ScanIndexForward = !page.IsDescending,
                    Limit = Math.Min(limit, _rowsInAnswer),
                    ConsistentRead = page.IsConsistent,
                },
                cancellationToken);
            var size = response.Items.Sum(row => (long)ItemSize.Of(row));
            var shown = items.Count;
            items.AddRange(ReadableItems.Read(response.Items, ItemFormat.ToData, _logger)
                .Where(item => (page.IncludeDeleted || !item.IsDeleted) && (page.IncludeExpired || !item.IsExpired(now))));
            if (response.Items.Count > 0)
            {
                _rowsInAnswer = (int)Math.Clamp(2L * BytesOfAnAnswer * response.Items.Count / Math.Max(1, size), FewRows, int.MaxValue);
                // Those that are passed over are not held.
                bytes += size * (items.Count - shown) / response.Items.Count;
            }

            startKey = response.LastEvaluatedKey is { Count: > 0 } last ? last : null;
            // Where many are passed over, there are likely more.
            limit = Math.Clamp(2 * limit, MinFurther, MaxFurther);
        }
        while (items.Count <= page.Limit && bytes < ItemSize.MaxBytesAtOnce && startKey is not null);

        return items.Count > page.Limit ? new DataPage(items[..page.Limit], items[page.Limit - 1].Sk)
            : startKey is null ? new DataPage(items, null)
            : new DataPage(items, items[^1].Sk) { IsCutShort = true };
    }
}

/// <summary>Which page of a list is wanted.</summary>
/// <param name="Limit">How many items at most.</param>
/// <param name="StartFromSk">The sort key after which the page begins; null for the first page.</param>
/// <param name="IsDescending">Whether the order is from the highest sort key down.</param>
/// <param name="IncludeDeleted">Whether softly deleted items are shown.</param>
/// <param name="IncludeExpired">Whether items are shown that have expired and are not removed yet.</param>
/// <param name="IsConsistent">Whether the read is strongly consistent.</param>
public sealed record ListPage(
    int Limit,
    string? StartFromSk = null,
    bool IsDescending = false,
    bool IncludeDeleted = false,
    bool IncludeExpired = false,
    bool IsConsistent = false);

/// <summary>A page of a list.</summary>
/// <param name="Items">The items.</param>
/// <param name="LastSk">The sort key that the next page begins after; null if there is none.</param>
public sealed record DataPage(IReadOnlyList<DataModel> Items, string? LastSk)
{
    /// <summary>Gets whether it has fewer items than asked for because they are large.</summary>
    internal bool IsCutShort { get; init; }
}

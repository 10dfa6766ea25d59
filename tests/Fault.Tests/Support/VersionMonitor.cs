using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Npgsql;

namespace FaultTests.Support;

/// <summary>Watches the versions of a tenant's items in data table and Postgres, all the time, and notes every one that falls or vanishes.</summary>
public sealed class VersionMonitor
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _falls = [];
    private readonly List<Watched> _watched;
    private readonly Task _watching;

    private VersionMonitor(IAmazonDynamoDB dynamoDb, string dataTable, NpgsqlDataSource postgres, string pk)
    {
        _watched = [new("data", () => DataAsync(dynamoDb, dataTable, pk)), new("postgres", () => RowsAsync(postgres, pk))];
        _watching = Task.WhenAll(_watched.Select(WatchAsync));
    }

    /// <summary>How often both have been looked at.</summary>
    public int Samples => _watched.Min(watched => watched.Samples);

    public static VersionMonitor Start(FaultStack stack, string tenant) =>
        new(stack.Dynamo, stack.Tables.Data(FaultStack.Module), stack.Postgres, FaultStack.Module.PkOf(tenant));

    /// <summary>Ends the watch; fails if a version has fallen, or if nothing was seen.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
        Assert.True(_falls.Count == 0, $"Versions fell:\n{string.Join('\n', _falls)}");
        Assert.All(_watched, watched => Assert.True(watched.Samples > 3 && watched.Versions.Count > 0, $"{watched.Name} was not seen."));
    }

    private async Task WatchAsync(Watched watched)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var now = await watched.Read();
                watched.Samples++;
                foreach (var (sk, before) in watched.Versions)
                {
                    if (now.GetValueOrDefault(sk) is var version && version < before)
                    {
                        lock (_falls)
                        {
                            _falls.Add($"{watched.Name}: {sk} from {before} to {version}");
                        }
                    }
                }

                watched.Versions = now;
            }
            catch (Exception fault) when (fault is NpgsqlException or AmazonDynamoDBException or HttpRequestException or TimeoutException
                or OperationCanceledException or Amazon.Runtime.AmazonClientException or IOException)
            {
                // A store that a test has stopped.
            }

            await Task.Delay(Interval, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<Dictionary<string, long>> DataAsync(IAmazonDynamoDB dynamoDb, string table, string pk)
    {
        var versions = new Dictionary<string, long>();
        Dictionary<string, AttributeValue>? start = null;
        do
        {
            var page = await dynamoDb.QueryAsync(new QueryRequest
            {
                TableName = table,
                KeyConditionExpression = "pk = :pk",
                ProjectionExpression = "sk, version",
                ExpressionAttributeValues = new() { [":pk"] = new AttributeValue(pk) },
                ConsistentRead = true,
                ExclusiveStartKey = start,
            });
            foreach (var item in page.Items)
            {
                versions[item["sk"].S] = long.Parse(item["version"].N, CultureInfo.InvariantCulture);
            }

            start = page.LastEvaluatedKey is { Count: > 0 } last ? last : null;
        }
        while (start is not null);

        return versions;
    }

    private static async Task<Dictionary<string, long>> RowsAsync(NpgsqlDataSource postgres, string pk)
    {
        var versions = new Dictionary<string, long>();
        await using var select = postgres.CreateCommand("SELECT sk, version FROM products WHERE pk = @pk");
        select.Parameters.AddWithValue("pk", pk);
        await using var reader = await select.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            versions[reader.GetString(0)] = reader.GetInt64(1);
        }

        return versions;
    }

    private sealed class Watched(string name, Func<Task<Dictionary<string, long>>> read)
    {
        public string Name => name;

        public Func<Task<Dictionary<string, long>>> Read => read;

        public Dictionary<string, long> Versions { get; set; } = [];

        public int Samples { get; set; }
    }
}

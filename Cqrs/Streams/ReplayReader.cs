using System.Diagnostics;
using System.Text.Json;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.Streams;

/// <summary>
/// Projects the whole command table: when a stream is read for the first time, because the table may be older, and after a stream was trimmed. The shards
/// are read at the same time, because every write of a projection is guarded by version.
/// </summary>
internal sealed partial class ReplayReader(
    IAmazonDynamoDB dynamoDb, TableNames tables, BatchProjection projection, ShardLease lease, StreamOptions options, ILogger logger) : IShardReader
{
    /// <summary>The lease under which a stream's replay is done.</summary>
    public const string ShardId = "#replay";

    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    public string? Checkpoint { get; private set; } = lease.Checkpoint;

    public bool IsFinished { get; private set; }

    public async Task RunAsync(CancellationToken stopping, CancellationToken lost)
    {
        await LetShardsGoFirstAsync(stopping, lost);
        var projected = 0L;
        while (!stopping.IsCancellationRequested && !lost.IsCancellationRequested)
        {
            var page = await dynamoDb.ScanAsync(
                new ScanRequest
                {
                    TableName = tables.Command(projection.Module),
                    Limit = options.PageSize,
                    ExclusiveStartKey = ReadCheckpoint(Checkpoint),
                    ConsistentRead = true,
                },
                lost);
            var changes = CommandRecords.Read(
                page.Items.Select(item => new Record(null, "INSERT", new StreamRecord(item, item, ""))));
            var missing = await projection.FindMissingAsync(changes.Commands, lost);
            if (missing.Count + changes.Unreadable.Count > 0)
            {
                await projection.ProjectAsync(ShardId, changes with { Commands = missing }, null, stopping, lost);
                projection.State.ReportCaughtUp(ShardId);
                projected += missing.Count;
            }

            if (page.LastEvaluatedKey is not { Count: > 0 } last)
            {
                IsFinished = true;
                LogFinished(projection.Module.Name, projected);
                return;
            }

            Checkpoint = WriteCheckpoint(last);
        }
    }

    // Most commands of the table are in the stream too. Commands that the shard readers have projected are skipped.
    private async Task LetShardsGoFirstAsync(CancellationToken stopping, CancellationToken lost)
    {
        using var stoppingOrLost = CancellationTokenSource.CreateLinkedTokenSource(stopping, lost);
        var started = Stopwatch.GetTimestamp();
        do
        {
            await Task.Delay(HeadStart, stoppingOrLost.Token);
        }
        while (projection.State.IsAnyBehind && Stopwatch.GetElapsedTime(started) < LongestWait);
    }

    private static string WriteCheckpoint(Dictionary<string, AttributeValue> key) =>
        JsonSerializer.Serialize(new[] { key["pk"].S, key["sk"].S });

    private static Dictionary<string, AttributeValue>? ReadCheckpoint(string? checkpoint) =>
        checkpoint is not null && JsonSerializer.Deserialize<string[]>(checkpoint) is [var pk, var sk] ? ItemFormat.ToKey(pk, sk) : null;

    [LoggerMessage(LogLevel.Information, "The command table of {Module} was replayed: {Commands} commands were missing in a read model.")]
    private partial void LogFinished(string module, long commands);
}

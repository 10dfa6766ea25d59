namespace Cqrs.Streams;

/// <summary>Tells which shards a stream has, and which of them may be read.</summary>
internal static class StreamShards
{
    /// <summary>Returns the shards of a stream, and the replay of the command table as one more.</summary>
    public static async Task<List<Shard>> ListAsync(
        IDynamoDbStreams streams, string streamArn, StreamOptions options, CancellationToken cancellationToken)
    {
        List<Shard> shards = [new(ReplayReader.ShardId, null, new(null, null))];
        if (!options.ReadsShards)
        {
            return shards;
        }

        string? last = null;
        do
        {
            var page = await streams.DescribeStreamAsync(new(streamArn, ExclusiveStartShardId: last), cancellationToken);
            shards.AddRange(page.StreamDescription.Shards);
            last = page.StreamDescription.LastEvaluatedShardId;
        }
        while (last is not null);

        return shards;
    }

    /// <summary>
    /// Returns whether a shard may be read now. A child holds later records of the items in its parent: the parent comes first, unless it is gone or finished.
    /// </summary>
    public static bool IsReadable(Shard shard, List<Shard> shards, Dictionary<string, ShardLease> known) =>
        known.GetValueOrDefault(shard.ShardId) is not { IsFinished: true }
        && (shard.ParentShardId is not { } parent
            || known.GetValueOrDefault(parent) is { IsFinished: true }
            || shards.All(other => other.ShardId != parent));
}

using Cqrs.CommandLog;

namespace Cqrs.Streams;

/// <summary>
/// The four operations of the DynamoDB Streams API (version 2012-08-10), shaped like the official client's. An interface, because
/// what a real stream does only now and then (throttling, trimming, splitting) has to be played to the reader by a script.
/// </summary>
public interface IDynamoDbStreams
{
    /// <summary>Returns a page of the shards of a stream.</summary>
    Task<DescribeStreamResponse> DescribeStreamAsync(DescribeStreamRequest request, CancellationToken cancellationToken);

    /// <summary>Returns a place in a shard to read from. It is good for 15 minutes.</summary>
    Task<string> GetShardIteratorAsync(GetShardIteratorRequest request, CancellationToken cancellationToken);

    /// <summary>Returns the records from an iterator on.</summary>
    Task<GetRecordsResponse> GetRecordsAsync(GetRecordsRequest request, CancellationToken cancellationToken);

    /// <summary>Returns a page of the streams there are.</summary>
    Task<ListStreamsResponse> ListStreamsAsync(ListStreamsRequest request, CancellationToken cancellationToken);
}

/// <summary>Asks for a page of shards.</summary>
/// <param name="StreamArn">The stream.</param>
/// <param name="Limit">Shards in a page, at most 100.</param>
/// <param name="ExclusiveStartShardId">The last shard of the page before.</param>
public sealed record DescribeStreamRequest(string StreamArn, int? Limit = null, string? ExclusiveStartShardId = null);

/// <summary>A page of shards.</summary>
public sealed record DescribeStreamResponse(StreamDescription StreamDescription);

/// <summary>A stream and a page of its shards.</summary>
public sealed record StreamDescription(
    string StreamArn, string StreamStatus, IReadOnlyList<Shard> Shards, string? LastEvaluatedShardId);

/// <summary>A shard: an ordered part of a stream. It is closed if its range has an end.</summary>
public sealed record Shard(string ShardId, string? ParentShardId, SequenceNumberRange SequenceNumberRange);

/// <summary>First and, in a closed shard, last sequence number (decimal numbers of 21 to 40 digits).</summary>
public sealed record SequenceNumberRange(string? StartingSequenceNumber, string? EndingSequenceNumber);

/// <summary>Asks for a place in a shard.</summary>
public sealed record GetShardIteratorRequest(
    string StreamArn, string ShardId, ShardIteratorType ShardIteratorType, string? SequenceNumber = null);

/// <summary>Where reading begins.</summary>
public enum ShardIteratorType
{
    /// <summary>At the oldest record.</summary>
    TRIM_HORIZON,

    /// <summary>After the newest record.</summary>
    LATEST,

    /// <summary>At a sequence number.</summary>
    AT_SEQUENCE_NUMBER,

    /// <summary>After a sequence number.</summary>
    AFTER_SEQUENCE_NUMBER,
}

/// <summary>Asks for records.</summary>
/// <param name="ShardIterator">The place to read from.</param>
/// <param name="Limit">Records at most, up to 1000.</param>
public sealed record GetRecordsRequest(string ShardIterator, int? Limit = null);

/// <summary>Records, and where to go on; no iterator if the shard is finished.</summary>
public sealed record GetRecordsResponse(IReadOnlyList<Record> Records, string? NextShardIterator);

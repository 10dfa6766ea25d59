using Amazon.DynamoDBv2.Model;

namespace Cqrs.Streams;

/// <summary>
/// The four operations of the DynamoDB Streams API (version 2012-08-10), shaped like the official client's. An interface, because
/// what a real stream does only now and then (throttling, trimming, splitting) has to be played to the reader by a script.
/// </summary>
public interface IDynamoDbStreams
{
    /// <summary>A page of the shards of a stream.</summary>
    Task<DescribeStreamResponse> DescribeStreamAsync(DescribeStreamRequest request, CancellationToken cancellationToken);

    /// <summary>A place in a shard to read from. It is good for 15 minutes.</summary>
    Task<string> GetShardIteratorAsync(GetShardIteratorRequest request, CancellationToken cancellationToken);

    /// <summary>The records from an iterator on.</summary>
    Task<GetRecordsResponse> GetRecordsAsync(GetRecordsRequest request, CancellationToken cancellationToken);

    /// <summary>A page of the streams there are.</summary>
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

/// <summary>A change to an item. <paramref name="EventName"/> is INSERT, MODIFY or REMOVE.</summary>
/// <param name="EventID">Names the change.</param>
/// <param name="EventName">The kind of change: <c>INSERT</c>, <c>MODIFY</c> or <c>REMOVE</c>.</param>
/// <param name="Dynamodb">The item.</param>
/// <param name="Unreadable">Why the record cannot be read; then it has only what of its keys and its place can. Null if it was read.</param>
public sealed record Record(string? EventID, string EventName, StreamRecord Dynamodb, string? Unreadable = null);

/// <summary>The item that changed.</summary>
public sealed record StreamRecord(
    Dictionary<string, AttributeValue> Keys, Dictionary<string, AttributeValue>? NewImage, string SequenceNumber);

/// <summary>Asks for a page of streams.</summary>
public sealed record ListStreamsRequest(string? TableName = null, int? Limit = null, string? ExclusiveStartStreamArn = null);

/// <summary>A page of streams.</summary>
public sealed record ListStreamsResponse(IReadOnlyList<StreamSummary> Streams, string? LastEvaluatedStreamArn);

/// <summary>A stream of a table.</summary>
public sealed record StreamSummary(string StreamArn, string TableName);

/// <summary>An error that DynamoDB Streams answered with.</summary>
/// <param name="errorCode">Its type, for example <c>ExpiredIteratorException</c>.</param>
/// <param name="message">The message of the service.</param>
public sealed class DynamoDbStreamsException(string errorCode, string message) : Exception($"{errorCode}: {message}")
{
    /// <summary>The type of the error.</summary>
    public string ErrorCode { get; } = errorCode;

    /// <summary>The iterator is older than 15 minutes: get another.</summary>
    public bool IsExpiredIterator => ErrorCode == "ExpiredIteratorException";

    /// <summary>The place lies before the oldest record that is kept (24 hours).</summary>
    public bool IsTrimmed => ErrorCode == "TrimmedDataAccessException";

    /// <summary>Too many requests, or too much data, for now.</summary>
    public bool IsThrottled => ErrorCode is "LimitExceededException" or "ThrottlingException" or "ProvisionedThroughputExceededException";
}

using Amazon.DynamoDBv2.Model;

namespace Cqrs.CommandLog;

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
    /// <summary>Gets the type of the error.</summary>
    public string ErrorCode { get; } = errorCode;

    /// <summary>Gets whether the iterator is older than 15 minutes. The reader then gets a new iterator.</summary>
    public bool IsExpiredIterator => ErrorCode == "ExpiredIteratorException";

    /// <summary>Gets whether the place lies before the oldest record. Records are kept for 24 hours.</summary>
    public bool IsTrimmed => ErrorCode == "TrimmedDataAccessException";

    /// <summary>Too many requests, or too much data, for now.</summary>
    public bool IsThrottled => ErrorCode is "LimitExceededException" or "ThrottlingException" or "ProvisionedThroughputExceededException";
}

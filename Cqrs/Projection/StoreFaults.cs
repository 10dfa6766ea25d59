using System.Data.Common;
using System.Net.Sockets;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Cqrs.Streams;

namespace Cqrs.Projection;

/// <summary>
/// Tells a fault of a whole store (down, overloaded, a deadlock) from what is wrong with one command. The first is waited out; only the second
/// may be parked.
/// </summary>
public static class StoreFaults
{
    // Classes of SQLSTATE: connection, authorization, no such database, no such schema, transaction rollback, resources, operator intervention,
    // system error. And a table or column that is missing: it is missing for everybody.
    private static readonly string[] SqlStatesOfTheStore = ["08", "28", "3D", "3F", "40", "42P01", "42703", "53", "57", "58"];

    /// <summary>Whether an exception, or one inside it, is a fault of a whole store.</summary>
    public static bool IsStoreFault(Exception? exception) => exception switch
    {
        null => false,
        AggregateException many => many.InnerExceptions.Any(IsStoreFault),
        OperationCanceledException or TimeoutException or HttpRequestException or SocketException or IOException => true,
        DynamoDbStreamsException => true,
        // A missing table is missing for everybody.
        ResourceNotFoundException => true,
        AmazonDynamoDBException { ErrorCode: "ValidationException" or "SerializationException" } => false,
        ConditionalCheckFailedException => false,
        AmazonServiceException or AmazonClientException => true,
        DbException database => database.IsTransient
            || (database.SqlState is { } state && SqlStatesOfTheStore.Any(start => state.StartsWith(start, StringComparison.Ordinal)))
            || IsStoreFault(database.InnerException),
        _ => IsStoreFault(exception.InnerException),
    };
}

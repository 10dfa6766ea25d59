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
    // Classes of SQLSTATE: connection, transaction rollback, resources, operator intervention, system error.
    private static readonly string[] TransientSqlClasses = ["08", "40", "53", "57", "58"];

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
            || (database.SqlState is { } state && TransientSqlClasses.Any(@class => state.StartsWith(@class, StringComparison.Ordinal)))
            || IsStoreFault(database.InnerException),
        _ => IsStoreFault(exception.InnerException),
    };
}

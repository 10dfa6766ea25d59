using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Cqrs.CommandLog;

namespace Cqrs.Projection;

/// <summary>
/// Tells the fault of a whole store (down, overloaded, a deadlock) from the fault of one command, by the exceptions of common stores. The worker waits
/// until a store works again. Only a command at fault is parked.
/// </summary>
public static class StoreFaults
{
    // Classes of SQLSTATE: connection, authorization, no such database, no such schema, transaction rollback, resources, operator intervention,
    // system error, internal error. Also faults that every command would meet: a read-only server, a missing table, column or right.
    private static readonly string[] SqlStatesOfTheStore =
        ["08", "25006", "28", "3D", "3F", "40", "42501", "42703", "42P01", "53", "57", "58", "XX"];

    // Data that the database cannot store, a violated constraint, a row or an index entry that is too large.
    private static readonly string[] SqlStatesOfTheCommand = ["22", "23", "54"];

    /// <summary>Finds the cause of an exception, or of one inside it.</summary>
    public static FaultOrigin OriginOf(Exception? exception) =>
        IsStoreFault(exception) ? FaultOrigin.Store : IsCommandFault(exception) ? FaultOrigin.Command : FaultOrigin.Unknown;

    /// <summary>Returns whether an exception, or one inside it, is a fault of a whole store.</summary>
    public static bool IsStoreFault(Exception? exception) => exception switch
    {
        null => false,
        JudgedFault judged => judged.Origin == FaultOrigin.Store,
        AggregateException many => many.InnerExceptions.Any(IsStoreFault),
        // The store refused one request. The store itself works.
        HttpRequestException { StatusCode: { } status } =>
            status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError,
        OperationCanceledException or TimeoutException or HttpRequestException or SocketException or IOException => true,
        DynamoDbStreamsException => true,
        // Every command needs the table that is missing.
        ResourceNotFoundException => true,
        AmazonDynamoDBException { ErrorCode: "ValidationException" or "SerializationException" } => false,
        ConditionalCheckFailedException => false,
        AmazonServiceException or AmazonClientException => true,
        DbException database => database.IsTransient
            || IsOneOf(database.SqlState, SqlStatesOfTheStore)
            || IsStoreFault(database.InnerException),
        _ => IsStoreFault(exception.InnerException),
    };

    private static bool IsCommandFault(Exception? exception) => exception switch
    {
        null => false,
        JudgedFault judged => judged.Origin == FaultOrigin.Command,
        HttpRequestException { StatusCode: not null } => true,
        AmazonDynamoDBException { ErrorCode: "ValidationException" or "SerializationException" } or ConditionalCheckFailedException => true,
        DbException { SqlState: { } state } when IsOneOf(state, SqlStatesOfTheCommand) => true,
        _ => IsCommandFault(exception.InnerException),
    };

    private static bool IsOneOf(string? state, string[] starts) =>
        state is not null && starts.Any(start => state.StartsWith(start, StringComparison.Ordinal));
}

using System.Collections.Concurrent;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using ProductAspire.Deploy;

namespace FaultTests.Support;

/// <summary>DynamoDB for a service of a deployment, which may do what the rights of its role say. DynamoDB Local asks nobody for rights.</summary>
internal sealed class AsRole : AmazonDynamoDBClient
{
    private readonly ConcurrentQueue<string> _refused = new();

    public AsRole(Place place, Rights rights)
        : base("local", "local", place.Stack.DynamoDbConfig())
    {
        var allowed = new Dictionary<string, IReadOnlyList<string>>
        {
            [place.Tables.Command(FaultStack.Module)] = rights.Command,
            [place.Tables.Data(FaultStack.Module)] = rights.Data,
            [place.Tables.History(FaultStack.Module)] = rights.History,
            [place.Tables.Unique(FaultStack.Module)] = rights.Unique,
            [place.Tables.Session] = rights.Session,
            [place.Tables.Parked] = rights.Parked,
            [place.Tables.StreamLease] = rights.StreamLease,
        };
        BeforeRequestEvent += (_, call) =>
        {
            foreach (var (table, action) in Needs(((WebServiceRequestEventArgs)call).Request))
            {
                if (!allowed[table].Contains($"dynamodb:{action}"))
                {
                    _refused.Enqueue($"{action} on {table[place.Prefix.Length..]}");
                    throw new AmazonDynamoDBException("It is not authorized to do that.") { ErrorCode = "AccessDeniedException" };
                }
            }
        };
    }

    /// <summary>What it was asked for in vain.</summary>
    public IEnumerable<string> Refused => _refused.Distinct();

    // Of transactions the parts are authorized, of batches the whole.
    private static IEnumerable<(string Table, string Action)> Needs(AmazonWebServiceRequest request) => request switch
    {
        GetItemRequest get => [(get.TableName, "GetItem")],
        BatchGetItemRequest get => get.RequestItems.Keys.Select(table => (table, "BatchGetItem")),
        QueryRequest query => [(query.TableName, "Query")],
        ScanRequest scan => [(scan.TableName, "Scan")],
        PutItemRequest put => [(put.TableName, "PutItem")],
        UpdateItemRequest update => [(update.TableName, "UpdateItem")],
        DeleteItemRequest delete => [(delete.TableName, "DeleteItem")],
        BatchWriteItemRequest write => write.RequestItems.Keys.Select(table => (table, "BatchWriteItem")),
        TransactWriteItemsRequest write => write.TransactItems.Select(part => part switch
        {
            { Put: { } put } => (put.TableName, "PutItem"),
            { Update: { } update } => (update.TableName, "UpdateItem"),
            { Delete: { } delete } => (delete.TableName, "DeleteItem"),
            { ConditionCheck: { } check } => (check.TableName, "ConditionCheckItem"),
            _ => throw new NotSupportedException(nameof(TransactWriteItem)),
        }),
        DescribeTableRequest describe => [(describe.TableName, "DescribeTable")],
        _ => throw new NotSupportedException(request.GetType().Name),
    };
}

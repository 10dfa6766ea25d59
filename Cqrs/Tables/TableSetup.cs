using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Microsoft.Extensions.Logging;

namespace Cqrs.Tables;

/// <summary>
/// Creates the tables that do not exist. Where they all do, it needs no right but to describe them: on AWS the deployment owns them, and no
/// service may create one.
/// </summary>
public sealed partial class TableSetup(
    IAmazonDynamoDB dynamoDb, TableNames tables, IEnumerable<CqrsModule> modules, ILogger<TableSetup> logger)
{
    private static readonly TimeSpan ActiveTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Creates what is missing and waits until all can be used. Several callers may do it at once.</summary>
    public async Task EnsureTablesAsync(CancellationToken cancellationToken)
    {
        foreach (var spec in TableSpec.All(tables, modules))
        {
            await EnsureAsync(spec, cancellationToken);
        }
    }

    private async Task EnsureAsync(TableSpec spec, CancellationToken cancellationToken)
    {
        if (await IsUsableAsync(spec.Name, cancellationToken))
        {
            return;
        }

        try
        {
            await dynamoDb.CreateTableAsync(
                new CreateTableRequest
                {
                    TableName = spec.Name,
                    KeySchema = [new("pk", KeyType.HASH), new("sk", KeyType.RANGE)],
                    AttributeDefinitions = [new("pk", ScalarAttributeType.S), new("sk", ScalarAttributeType.S)],
                    BillingMode = BillingMode.PAY_PER_REQUEST,
                    StreamSpecification = spec.HasStream
                        ? new StreamSpecification { StreamEnabled = true, StreamViewType = StreamViewType.NEW_IMAGE }
                        : null,
                },
                cancellationToken);
            LogCreated(spec.Name);
        }
        catch (ResourceInUseException)
        {
            // Another process creates it right now.
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ActiveTimeout);
        for (var attempt = 1; !await IsUsableAsync(spec.Name, timeout.Token); attempt++)
        {
            await Task.Delay(Backoff.Delay(attempt), timeout.Token);
        }

        if (spec.HasTtl)
        {
            await EnableTtlAsync(spec.Name, cancellationToken);
        }

        if (spec.HasStream)
        {
            await TouchAsync(spec.Name, cancellationToken);
        }
    }

    private async Task EnableTtlAsync(string table, CancellationToken cancellationToken)
    {
        try
        {
            await dynamoDb.UpdateTimeToLiveAsync(
                new UpdateTimeToLiveRequest
                {
                    TableName = table,
                    TimeToLiveSpecification = new TimeToLiveSpecification { AttributeName = TableSpec.TtlAttribute, Enabled = true },
                },
                cancellationToken);
        }
        catch (AmazonDynamoDBException alreadyEnabled) when (alreadyEnabled.ErrorCode == "ValidationException")
        {
            // Another process was faster.
        }
    }

    // DynamoDB Local makes each put into a streamed table dearer by the stream records that other tables had before its first own one.
    // The item has no version in its key, so the projection passes it over.
    private async Task TouchAsync(string table, CancellationToken cancellationToken)
    {
        var key = ItemFormat.ToKey("created", "created");
        await dynamoDb.PutItemAsync(new PutItemRequest { TableName = table, Item = key }, cancellationToken);
        await dynamoDb.DeleteItemAsync(new DeleteItemRequest { TableName = table, Key = key }, cancellationToken);
    }

    // A table whose settings are being changed takes requests all the while.
    private async Task<bool> IsUsableAsync(string table, CancellationToken cancellationToken)
    {
        try
        {
            var response = await dynamoDb.DescribeTableAsync(table, cancellationToken);
            return response.Table.TableStatus == TableStatus.ACTIVE || response.Table.TableStatus == TableStatus.UPDATING;
        }
        catch (ResourceNotFoundException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "Created the table {Table}.")]
    private partial void LogCreated(string table);
}

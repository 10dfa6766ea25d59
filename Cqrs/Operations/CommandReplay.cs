using Amazon.DynamoDBv2;
using Cqrs.Streams;
using Cqrs.Tables;

namespace Cqrs.Operations;

/// <summary>Has the workers go through whole command tables again, and bring every read model up to them.</summary>
public sealed class CommandReplay
{
    private readonly IAmazonDynamoDB _dynamoDb;
    private readonly TableNames _tables;
    private readonly IEnumerable<CqrsModule> _modules;
    private readonly ShardLeaseStore _leases;

    internal CommandReplay(IAmazonDynamoDB dynamoDb, TableNames tables, IEnumerable<CqrsModule> modules, ShardLeaseStore leases) =>
        (_dynamoDb, _tables, _modules, _leases) = (dynamoDb, tables, modules, leases);

    /// <summary>Asks for a replay of every module's commands. It is remembered, and survives the workers; commands that a read model has change nothing.</summary>
    /// <param name="cancellationToken">Stops the asking.</param>
    public async Task RequestAsync(CancellationToken cancellationToken)
    {
        foreach (var module in _modules)
        {
            var table = await _dynamoDb.DescribeTableAsync(_tables.Command(module), cancellationToken);
            await _leases.RequestReplayAsync(table.Table.LatestStreamArn, cancellationToken);
        }
    }
}

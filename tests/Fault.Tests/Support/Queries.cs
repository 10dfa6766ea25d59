using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Streams;
using Cqrs.Tables;
using Npgsql;

namespace FaultTests.Support;

/// <summary>Short questions to the stores.</summary>
internal static class Queries
{
    public static async Task<long> SumOfVersionsAsync(this NpgsqlDataSource postgres, string tenant)
    {
        await using var command = postgres.CreateCommand("SELECT coalesce(sum(version), 0)::bigint FROM products WHERE tenant_code = @tenant");
        command.Parameters.AddWithValue("tenant", tenant);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>The leases of the present stream of the stack's command table.</summary>
    public static Task<List<ShardLease>> LeasesAsync(this FaultStack stack) => LeasesAsync(stack.Dynamo, stack.Tables, FaultStack.Module);

    public static async Task<List<ShardLease>> LeasesAsync(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module)
    {
        var table = await dynamoDb.DescribeTableAsync(tables.Command(module), TestContext.Current.CancellationToken);
        var leases = await new ShardLeaseStore(dynamoDb, tables, TimeProvider.System).ListAsync(
            table.Table.LatestStreamArn, TestContext.Current.CancellationToken);
        return [.. leases.Values];
    }

    /// <summary>How many commands are parked for a tenant's items.</summary>
    public static async Task<int> ParkedAsync(this FaultStack stack, string tenant)
    {
        var pk = FaultStack.Module.PkOf(tenant);
        var page = await stack.Dynamo.QueryAsync(
            new QueryRequest
            {
                TableName = stack.Tables.Parked,
                KeyConditionExpression = "pk = :pk",
                ExpressionAttributeValues = new() { [":pk"] = new AttributeValue(FaultStack.Module.Name) },
                ConsistentRead = true,
            },
            TestContext.Current.CancellationToken);
        return page.Items.Count(item => item.GetValueOrDefault("commandPk")?.S == pk);
    }

    /// <summary>The commands of an item as the table has them, by version.</summary>
    public static async Task<List<CommandModel>> CommandsAsync(this Parts parts, ItemKey key)
    {
        var commands = new List<CommandModel>();
        for (var version = 1L; await parts.Of<CommandStore>().GetAsync(key, version, TestContext.Current.CancellationToken) is { } command; version++)
        {
            commands.Add(command);
        }

        return commands;
    }
}

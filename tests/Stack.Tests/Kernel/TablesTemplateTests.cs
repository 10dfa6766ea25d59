using System.Text.Json.Nodes;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Cqrs.Tables;
using Products;

namespace StackTests.Kernel;

/// <summary>Who does not let the worker create tables deploys a template of them: it must say the same.</summary>
public sealed class TablesTemplateTests(Stack stack)
{
    [Fact]
    public async Task The_template_has_the_tables_that_the_worker_makes()
    {
        using var dynamoDb = new AmazonDynamoDBClient(
            new BasicAWSCredentials("local", "local"),
            new AmazonDynamoDBConfig { ServiceURL = stack.DynamoDbEndpoint.ToString(), AuthenticationRegion = "us-east-1" });
        var tables = new TableNames();
        var product = ProductModule.Kernel;
        string[] made =
        [
            tables.Command(product), tables.Data(product), tables.History(product), tables.Unique(product),
            tables.Session, tables.StreamLease, tables.Parked,
        ];
        var template = JsonNode.Parse(await File.ReadAllTextAsync("tables.template.json", TestContext.Current.CancellationToken))!;
        var templated = template["Resources"]!.AsObject().ToDictionary(
            resource => resource.Value!["Properties"]!["TableName"]!["Fn::Sub"]!.GetValue<string>(),
            resource => resource.Value!["Properties"]!);

        Assert.Equal(made.Select(name => $"${{Prefix}}{name}").Order(), templated.Keys.Order());
        foreach (var name in made)
        {
            var table = (await dynamoDb.DescribeTableAsync(name, TestContext.Current.CancellationToken)).Table;
            var ttl = await dynamoDb.DescribeTimeToLiveAsync(
                new DescribeTimeToLiveRequest { TableName = name }, TestContext.Current.CancellationToken);
            Assert.Equal(Of(table, ttl.TimeToLiveDescription), Of(templated[$"${{Prefix}}{name}"]));
        }
    }

    [Fact]
    public async Task Its_tables_are_encrypted_and_nothing_in_them_is_lost_by_mistake()
    {
        var template = JsonNode.Parse(await File.ReadAllTextAsync("tables.template.json", TestContext.Current.CancellationToken))!;

        Assert.All(template["Resources"]!.AsObject().Select(resource => resource.Value!), table =>
        {
            var properties = table["Properties"]!;
            Assert.True(properties["SSESpecification"]!["SSEEnabled"]!.GetValue<bool>());
            Assert.True(properties["PointInTimeRecoverySpecification"]!["PointInTimeRecoveryEnabled"]!.GetValue<bool>());
            Assert.True(properties["DeletionProtectionEnabled"]!.GetValue<bool>());
            Assert.Equal("Retain", table["DeletionPolicy"]!.GetValue<string>());
            Assert.Equal("Retain", table["UpdateReplacePolicy"]!.GetValue<string>());
        });
    }

    private static string Of(TableDescription table, TimeToLiveDescription ttl) => string.Join(
        ' ',
        string.Join(',', table.KeySchema.Select(key => $"{key.AttributeName}:{key.KeyType}")),
        table.StreamSpecification?.StreamViewType?.Value,
        ttl.TimeToLiveStatus == TimeToLiveStatus.ENABLED ? ttl.AttributeName : null);

    private static string Of(JsonNode properties) => string.Join(
        ' ',
        string.Join(',', properties["KeySchema"]!.AsArray().Select(key => $"{key!["AttributeName"]}:{key["KeyType"]}")),
        properties["StreamSpecification"]?["StreamViewType"],
        properties["TimeToLiveSpecification"]?["AttributeName"]);
}

using Cqrs.Tables;
using ProductAspire.Deploy;

namespace DeployTests;

/// <summary>The tables are those that the kernel works on. Design, section 3.</summary>
public sealed class TableTests(Synthesis synthesis)
{
    private const string Table = "AWS::DynamoDB::Table";

    private static readonly TableNames Names = new();

    private IEnumerable<Resource> Tables => synthesis.Template.Of(Table);

    [Fact]
    public void They_are_those_that_the_services_look_for()
    {
        Assert.Contains("product", Modules().Select(module => module.Name));
        Assert.Equal(
            TableSpec.All(Names, Modules()).Select(spec => spec.Name).Order(StringComparer.Ordinal),
            Tables.Select(table => table.Text("TableName")).Order(StringComparer.Ordinal));
        Assert.All(Tables, table =>
        {
            Assert.Equal("""[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}]""", table["KeySchema"]!.ToJsonString());
            Assert.Equal(
                """[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"}]""", table["AttributeDefinitions"]!.ToJsonString());
            Assert.Equal("PAY_PER_REQUEST", table.Text("BillingMode"));
        });
    }

    [Fact]
    public void With_a_prefix_all_of_them_have_it_and_the_services_know_it()
    {
        var template = synthesis.Synthesize(new Settings { StackName = "Second", TablePrefix = "second-" });

        Assert.All(template.Of(Table), table => Assert.StartsWith("second-", table.Text("TableName"), StringComparison.Ordinal));
        Assert.Equal("second-", template.EnvironmentOf("PlatformApi")["Tables__Prefix"]);
        Assert.Equal("second-", template.EnvironmentOf("PlatformWorker")["Tables__Prefix"]);
        Assert.Equal("second-", template.Single("AWS::Lambda::Function")["Environment"]!["Variables"]!["Tables__Prefix"]!.GetValue<string>());
    }

    [Fact]
    public void Only_the_log_of_commands_has_a_stream_and_it_carries_new_images()
    {
        Assert.Equal(Modules().Select(Names.Command), Tables.Where(table => table["StreamSpecification"] is not null).Select(table => table.Text("TableName")));
        Assert.All(
            Tables.Select(table => table["StreamSpecification"]).OfType<System.Text.Json.Nodes.JsonNode>(),
            stream => Assert.Equal("NEW_IMAGE", stream["StreamViewType"]!.GetValue<string>()));
    }

    [Fact]
    public void What_may_expire_does_so_by_ttl_and_commands_never_do()
    {
        var expected = Modules().SelectMany(module => new[] { Names.Data(module), Names.History(module), Names.Unique(module) }).Append(Names.Session);

        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            Tables
                .Where(table => table["TimeToLiveSpecification"] is { } ttl
                    && ttl["AttributeName"]!.GetValue<string>() == "ttl"
                    && ttl["Enabled"]!.GetValue<bool>())
                .Select(table => table.Text("TableName"))
                .Order(StringComparer.Ordinal));
        Assert.All(Tables.Where(table => table.Text("TableName").EndsWith("-command", StringComparison.Ordinal)), table => Assert.Null(table["TimeToLiveSpecification"]));
    }

    [Fact]
    public void They_are_encrypted_and_nothing_in_them_is_lost_by_mistake() => Assert.All(Tables, table =>
    {
        Assert.True(table["SSESpecification"]!["SSEEnabled"]!.GetValue<bool>());
        Assert.True(table["PointInTimeRecoverySpecification"]!["PointInTimeRecoveryEnabled"]!.GetValue<bool>());
        Assert.True(table.IsTrue("DeletionProtectionEnabled"));
        Assert.Equal("Retain", table.Json["DeletionPolicy"]!.GetValue<string>());
        Assert.Equal("Retain", table.Json["UpdateReplacePolicy"]!.GetValue<string>());
    });

    private static IReadOnlyList<CqrsModule> Modules() => ProductAspire.Deploy.Tables.Modules();
}

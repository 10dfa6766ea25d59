using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;

namespace FaultTests.Support;

/// <summary>The oracle and the monitor can fail: each kind of damage is seen.</summary>
[Collection(KernelCollection.Name)]
public sealed class OracleTests(Kernel kernel)
{
    private readonly ProductWriter _products = new(kernel.Parts, FaultStack.NewTenant());

    private TableNames Tables => kernel.Parts.Place.Tables;

    [Theory]
    [InlineData("a version is gone", "gap")]
    [InlineData("a command was never projected", "data: a")]
    [InlineData("a history item is gone", "history: a@1 is missing")]
    [InlineData("a history item is too many", "history: a@2 is too many")]
    [InlineData("a row is gone", "postgres: b is missing")]
    [InlineData("a row has another price", "postgres: b")]
    [InlineData("a reservation is left", "unique: CODE#old is too many")]
    [InlineData("an acknowledged write is lost", "lost")]
    public async Task The_oracle_sees(string damage, string told)
    {
        var first = await _products.PublishAsync("a", "One");
        var second = await _products.PublishAsync("a", "Two");
        var other = await _products.PublishAsync("b", "Other");
        await _products.ProjectAsync(first, second, other);
        await _products.CheckAsync();
        var postgres = kernel.Parts.Postgres;
        switch (damage)
        {
            case "a version is gone":
                await DeleteAsync(Tables.Command(FaultStack.Module), "a@1");
                break;
            case "a command was never projected":
                await _products.PublishAsync("a", "Three");
                break;
            case "a history item is gone":
                await DeleteAsync(Tables.History(FaultStack.Module), "a@1");
                break;
            case "a history item is too many":
                await PutAsync(Tables.History(FaultStack.Module), ItemFormat.ToItem(second.ToData().ToHistory()));
                break;
            case "a row is gone":
                await postgres.ExecuteAsync("DELETE FROM products WHERE id = @id", ("id", other.Id));
                break;
            case "a row has another price":
                await postgres.ExecuteAsync("UPDATE products SET price = price + 0.1 WHERE id = @id", ("id", other.Id));
                break;
            case "a reservation is left":
                await PutAsync(
                    Tables.Unique(FaultStack.Module),
                    new(ItemFormat.ToKey(first.Pk, "CODE#old")) { ["id"] = new AttributeValue(first.Id) });
                break;
        }

        var acks = damage == "an acknowledged write is lost" ? new[] { new Ack("a", 2, "Another name") } : [];
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => kernel.Parts.Oracle.CheckAsync(_products.Tenant, acks, TimeSpan.Zero));
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_monitor_sees_a_version_that_falls()
    {
        var stack = kernel.Stack;
        var client = await stack.ClientAsync();
        await client.PostAsync(new { sk = "a", name = "One" });
        await client.PostAsync(new { sk = "a", name = "Two", version = 1 });
        await stack.Postgres.RowAsync(client.IdOf("a"), 2);
        var monitor = VersionMonitor.Start(stack, client.Tenant);
        await Eventually.IsTrueAsync("the monitor has looked", () => Task.FromResult(monitor.Samples > 3));

        await stack.Postgres.ExecuteAsync("UPDATE products SET version = 1 WHERE id = @id", ("id", client.IdOf("a")));
        var seen = monitor.Samples;
        await Eventually.IsTrueAsync("the monitor has looked again", () => Task.FromResult(monitor.Samples > seen + 3));

        var failure = await Assert.ThrowsAnyAsync<Exception>(monitor.StopAsync);
        Assert.Contains("postgres: a from 2 to 1", failure.Message, StringComparison.Ordinal);
    }

    private Task DeleteAsync(string table, string sk) =>
        kernel.Parts.Dynamo.DeleteItemAsync(table, ItemFormat.ToKey(_products.Key("a").Pk, sk), TestContext.Current.CancellationToken);

    private Task PutAsync(string table, Dictionary<string, AttributeValue> item) =>
        kernel.Parts.Dynamo.PutItemAsync(table, item, TestContext.Current.CancellationToken);
}

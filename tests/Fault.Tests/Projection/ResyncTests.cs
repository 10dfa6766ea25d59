using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Operations;
using Cqrs.Purging;

namespace FaultTests.Projection;

/// <summary>A resync brings Postgres back to the data table. 32.</summary>
[Collection(KernelCollection.Name)]
public sealed class ResyncTests(Kernel kernel)
{
    private readonly ProductWriter _products = new(kernel.Parts, FaultStack.NewTenant());

    private string Pk => _products.Key("").Pk;

    private Resync Resync => kernel.Parts.Of<Resync>();

    [Fact]
    public async Task Rows_that_were_deleted_altered_or_added_are_as_the_data_table_says_afterwards()
    {
        await SetUpAsync(5);
        var postgres = kernel.Parts.Postgres;
        await postgres.ExecuteAsync("DELETE FROM products WHERE id = @id", ("id", _products.Key("item-0").Id));
        await postgres.ExecuteAsync("UPDATE products SET name = 'x', price = 0, is_deleted = true WHERE id = @id", ("id", _products.Key("item-1").Id));
        await postgres.ExecuteAsync("UPDATE products SET version = 1, csk = 'item-2@1' WHERE id = @id", ("id", _products.Key("item-2").Id));
        await postgres.ExecuteAsync("UPDATE products SET version = 9, name = 'y' WHERE id = @id", ("id", _products.Key("item-4").Id));
        await postgres.ExecuteAsync(
            """
            INSERT INTO products
            SELECT (jsonb_populate_record(p, jsonb_build_object('id', p.pk || '#extra', 'sk', 'extra', 'csk', 'extra@2', 'code', 'extra'))).*
            FROM products p WHERE id = @id
            """,
            ("id", _products.Key("item-3").Id));

        await RunAsync();

        await _products.CheckAsync();
    }

    [Fact]
    public async Task A_newer_version_that_comes_in_between_is_not_overwritten()
    {
        await SetUpAsync(3);
        // The data table has version 2; the handler is ahead of it, as it may be beside a running projection.
        var newer = await _products.PublishAsync("item-1", "Newer");
        var handler = Assert.Single(kernel.Parts.Projector.Handlers);
        await handler.UpAsync([newer], TestContext.Current.CancellationToken);

        await RunAsync();

        Assert.Equal(3, ReadModel.VersionOf(await kernel.Parts.Postgres.RowAsync(newer.Id)));
        await _products.ProjectAsync(newer);
        await _products.CheckAsync();
    }

    // The page has been read, and is yet to be written.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_is_purged_while_a_page_is_written_does_not_come_back_over_an_item_that_is_created_anew(int versions)
    {
        const string Module = "page";
        var handler = new MemoryHandler("rows");
        await using var parts = await Parts.CreateAsync(kernel.Parts.Place, null, MemoryHandler.Module(Module, handler));
        var things = new ProductWriter(parts, FaultStack.NewTenant(), Module);
        CommandModel[] purged = [await things.PublishAsync("a", "Secret"), await things.PublishAsync("a", "Secret too")];
        await things.ProjectAsync([.. purged, await things.PublishAsync("gone", "Secret"), await things.PublishAsync("b", "Fine")]);
        handler.BeforeResync = async (_, token) =>
        {
            handler.BeforeResync = null;
            await parts.Of<PurgeService>(Module).PurgeAsync(things.Key("a"), token);
            await parts.Of<PurgeService>(Module).PurgeAsync(things.Key("gone"), token);
            var records = purged.Select(Records.Remove).Append(Records.New("REMOVE", things.Key("gone").Pk, "gone@1", null)).ToList();
            for (var i = 0; i < versions; i++)
            {
                records.Add(Records.Insert(await things.PublishAsync("a", $"Anew {i}")));
            }

            await things.ProjectRecordsAsync(records);
        };

        await foreach (var page in parts.Of<Resync>(Module).WriteRowsAsync(things.Key("").Pk, null, TestContext.Current.CancellationToken))
        {
            Assert.Equal(3, page.Rows);
        }

        Assert.Equal(["a", "b"], handler.Rows.Keys.Select(key => key.Sk).Order());
        Assert.Equal(($"Anew {versions - 1}", (long)versions), (handler.Rows[things.Key("a")].Name, handler.Rows[things.Key("a")].Version));
    }

    // 31
    [Fact]
    public async Task What_is_no_row_in_the_data_table_holds_up_neither_a_resync_nor_a_list()
    {
        await SetUpAsync(3);
        await kernel.Parts.Dynamo.PutItemAsync(
            kernel.Parts.Place.Tables.Data(FaultStack.Module), ItemFormat.ToKey(Pk, "item-0-junk"), TestContext.Current.CancellationToken);
        await kernel.Parts.Postgres.ExecuteAsync("UPDATE products SET name = 'x' WHERE id = @id", ("id", _products.Key("item-2").Id));

        await RunAsync();

        Assert.Equal("Two", (await kernel.Parts.Postgres.RowAsync(_products.Key("item-2").Id))!["name"]!.GetValue<string>());
        var list = await kernel.Parts.Of<DataService>().ListAsync(Pk, new ListPage(10), TestContext.Current.CancellationToken);
        Assert.Equal(["item-0", "item-1", "item-2"], list.Items.Select(item => item.Sk));
        Assert.Contains(kernel.Parts.Log.Lines, line => line.Contains("item-0-junk", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_row_whose_item_is_only_pending_is_not_taken_down()
    {
        // The handler has version 1, version 2 is a command, and the data table has nothing yet.
        var first = await _products.PublishAsync("early", "One");
        await _products.PublishAsync("early", "Two");
        await Assert.Single(kernel.Parts.Projector.Handlers).UpAsync([first], TestContext.Current.CancellationToken);

        await RunAsync();

        Assert.Equal(1, ReadModel.VersionOf(await kernel.Parts.Postgres.RowAsync(first.Id)));
    }

    // The whole stack: the worker projects while the same worker resyncs, again and again, and rows are tampered with.
    [Fact]
    public async Task Resyncs_while_writes_go_on_and_rows_are_tampered_with_end_right()
    {
        var stack = kernel.Stack;
        var client = await stack.ClientAsync();
        var load = Load.Start(32, client.Tenant, client, null, items: 40);
        await load.WaitForAsync(60);
        for (var round = 0; round < 3; round++)
        {
            await stack.Postgres.ExecuteAsync(
                $"DELETE FROM products WHERE tenant_code = @tenant AND sk LIKE 'item-0{round}%'", ("tenant", client.Tenant));
            await stack.Postgres.ExecuteAsync(
                $"UPDATE products SET name = 'tampered' WHERE tenant_code = @tenant AND sk LIKE 'item-0{round + 1}%'", ("tenant", client.Tenant));
            await ResyncAsync(client);
        }

        await load.WaitForAsync(20);
        var acks = await load.StopAsync();
        await ResyncAsync(client);
        await stack.Oracle.CheckAsync(client.Tenant, acks);
    }

    private static async Task ResyncAsync(ApiClient client)
    {
        var asked = (await client.SendAsync(HttpMethod.Put, $"/api/product/resync-data/{Uri.EscapeDataString(client.Pk)}"))
            .Is(System.Net.HttpStatusCode.Accepted);
        var job = await Eventually.GetAsync(
            "the resync has ended",
            () => client.SendAsync(HttpMethod.Get, asked.Response.Headers.Location!.OriginalString),
            answer => answer.Is(System.Net.HttpStatusCode.OK).Json["status"]!.GetValue<string>() is "COMPLETED" or "FAILED",
            TimeSpan.FromSeconds(40));
        Assert.Equal("COMPLETED", job.Json["status"]!.GetValue<string>());
    }

    private async Task SetUpAsync(int items)
    {
        for (var i = 0; i < items; i++)
        {
            await _products.ProjectAsync(await _products.PublishAsync($"item-{i}", "One"), await _products.PublishAsync($"item-{i}", "Two"));
        }

        await _products.CheckAsync();
    }

    private async Task RunAsync()
    {
        await foreach (var page in Resync.WriteRowsAsync(Pk, null, TestContext.Current.CancellationToken))
        {
            Assert.True(page.Rows > 0);
        }

        await Resync.RemoveStaleRowsAsync(Pk, TestContext.Current.CancellationToken);
    }
}

using System.Net;
using Aspire.Hosting;

namespace StackTests.Api;

/// <summary>Conformance 32.</summary>
public sealed class ResyncTests(Stack stack)
{
    [Fact]
    public async Task Rows_that_were_tampered_with_deleted_or_smuggled_in_are_as_the_data_table_says_afterwards()
    {
        var client = await stack.ClientAsync();
        foreach (var sk in new[] { "altered", "deleted", "fine", "gone" })
        {
            // Not published synchronously: that the stream has brought a row means that it will not bring it again.
            (await client.PostAsync(new { name = $"The {sk} one", sk, attributes = new { price = 1.5m } })).Is(HttpStatusCode.Created);
            await stack.Postgres.RowAsync(client.IdOf(sk), 1);
        }

        (await client.DeleteAsync("gone")).Is(HttpStatusCode.OK);
        await stack.Postgres.RowAsync(client.IdOf("gone"), 2);
        var before = new Dictionary<string, string>();
        foreach (var sk in new[] { "altered", "deleted", "fine", "gone" })
        {
            before[sk] = (await stack.Postgres.RowAsync(client.IdOf(sk)))!.ToJsonString();
        }

        await stack.Postgres.ExecuteAsync(
            "UPDATE products SET name = 'tampered', price = 99, description = 'x' WHERE id = @id", ("id", client.IdOf("altered")));
        await stack.Postgres.ExecuteAsync("DELETE FROM products WHERE id = @id", ("id", client.IdOf("deleted")));
        await stack.Postgres.ExecuteAsync(
            """
            INSERT INTO products
            SELECT (jsonb_populate_record(p, jsonb_build_object('id', p.pk || '#extra', 'sk', 'extra', 'csk', 'extra@1', 'code', 'extra'))).*
            FROM products p WHERE id = @id
            """,
            ("id", client.IdOf("fine")));
        Assert.Equal(4, await stack.Postgres.CountAsync(client.Tenant));

        var job = await ResyncAsync(client);

        Assert.Equal((4, 4, 0), (job.At("total")!.GetValue<int>(), job.At("done")!.GetValue<int>(), job.At("failed")!.GetValue<int>()));
        Assert.Equal(4, await stack.Postgres.CountAsync(client.Tenant));
        foreach (var (sk, row) in before)
        {
            Assert.Equal(row, (await stack.Postgres.RowAsync(client.IdOf(sk)))?.ToJsonString());
        }
    }

    [Fact]
    public async Task The_worker_has_a_command_that_resyncs_a_tenant()
    {
        var client = await stack.ClientAsync();
        (await client.PostAsync(new { name = "Lost", sk = "lost" })).Is(HttpStatusCode.Created);
        await stack.Postgres.RowAsync(client.IdOf("lost"), 1);
        await stack.Postgres.ExecuteAsync("DELETE FROM products WHERE id = @id", ("id", client.IdOf("lost")));

        var tenant = new InteractionInput { Name = "tenant", InputType = InputType.Text, Value = client.Tenant };
        var result = await stack.App.ResourceCommands.ExecuteCommandAsync(
            Stack.Worker, "resync", new InteractionInputCollection([tenant]), TestContext.Current.CancellationToken);

        Assert.True(result.Success, result.Message);
        Assert.NotNull(await stack.Postgres.RowAsync(client.IdOf("lost")));
    }

    [Fact]
    public async Task A_resync_while_writes_go_on_loses_none_of_them()
    {
        var client = await stack.ClientAsync();
        await client.BulkAsync(Enumerable.Range(0, 300).Select(i => new { sk = $"s{i:000}", name = $"Name {i}" }));
        using var done = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            var written = new Dictionary<string, long>();
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                var sk = $"s{i * 7 % 320:000}";
                var answer = await client.PostAsync(new { sk, name = $"Changed {i}", version = -1 });
                Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Created, answer.ToString());
                written[sk] = answer.Version;
            }

            return written;
        });

        await ResyncAsync(client);
        await ResyncAsync(client);
        await done.CancelAsync();

        foreach (var (sk, version) in await writing)
        {
            var row = await stack.Postgres.RowAsync(client.IdOf(sk), version);
            Assert.Equal(version, ReadModel.VersionOf(row));
        }
    }

    [Fact]
    public async Task An_unknown_job_is_not_found()
    {
        var client = await stack.ClientAsync();

        (await client.SendAsync(HttpMethod.Get, "/api/product/jobs/unknown")).IsProblem(HttpStatusCode.NotFound, "not-found");
    }

    private static async Task<Answer> ResyncAsync(ApiClient client)
    {
        var asked = (await client.SendAsync(HttpMethod.Put, $"/api/product/resync-data/{Uri.EscapeDataString(client.Pk)}")).Is(HttpStatusCode.Accepted);
        return await Eventually.GetAsync(
            "the resync is complete",
            () => client.SendAsync(HttpMethod.Get, asked.Response.Headers.Location!.OriginalString),
            answer => answer.Is(HttpStatusCode.OK).At("status")!.GetValue<string>() is "COMPLETED" or "FAILED") is var job
            && job.At("status")!.GetValue<string>() == "COMPLETED" ? job : throw new InvalidOperationException(job.ToString());
    }
}

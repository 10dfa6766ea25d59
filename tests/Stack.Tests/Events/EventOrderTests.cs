using Cqrs.Items;
using Cqrs.Projection;

namespace StackTests.Events;

/// <summary>Ids are in the order of commits: who has read one has read all before it.</summary>
public sealed class EventOrderTests(Stack stack)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_event_appears_behind_one_that_was_read_while_two_workers_write()
    {
        await using var slow = await KernelHost.StartProductsAsync(stack);
        await using var fast = await KernelHost.StartProductsAsync(stack);
        var before = await stack.Postgres.NewestEventIdAsync();
        var read = new List<long>();
        await using (await SlowCommits.OfAsync(stack, slow.Tenant))
        {
            var slowWriting = WriteAsync(slow, rounds: 5, batch: 3, () => false);
            var fastWriting = WriteAsync(fast, rounds: int.MaxValue, batch: 1, () => slowWriting.IsCompleted);
            var writing = Task.WhenAll(slowWriting, fastWriting);
            bool isLast;
            do
            {
                isLast = writing.IsCompleted;
                read.AddRange(await ReadAsync(slow, fast, read.LastOrDefault(before)));
            }
            while (!isLast);

            await writing;
        }

        var all = await ReadAsync(slow, fast, before);
        Assert.True(all.Count > 5 * 3 + 2, $"There are only {all.Count} events: they did not write at the same time.");
        Assert.Equal(all, read);
    }

    [Fact]
    public async Task Several_versions_of_a_key_in_one_batch_give_one_event_and_a_repeat_gives_none()
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        var chair = await kernel.AcceptManyAsync("chair", 3);
        var table = await kernel.AcceptManyAsync("table", 1);

        await kernel.ProjectAsync([.. chair, .. table]);
        await kernel.ProjectAsync([.. chair, .. table]);
        await kernel.ProjectAsync(chair[0]);

        Assert.Equal(["chair 3 FINISHED", "table 1 FINISHED"], (await EventsAsync(kernel)).Order());
        await kernel.ProjectAsync(await kernel.AcceptManyAsync("chair", 4, from: 4));
        Assert.Equal(3, (await EventsAsync(kernel)).Count);
    }

    [Fact]
    public async Task What_a_resync_brings_to_the_table_before_the_stream_does_has_its_event_and_what_it_mends_has_none()
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        var first = await kernel.AcceptManyAsync("chair", 1);
        await kernel.ProjectAsync(first);
        var second = await kernel.AcceptManyAsync("chair", 2, from: 2);
        var handler = kernel.Of<Projector>().Handlers.Single();
        await stack.Postgres.ExecuteAsync("UPDATE products SET name = 'x' WHERE id = @id", ("id", kernel.Key("chair").Id));

        await handler.ResyncAsync([first[0].ToData()], Token);
        Assert.Equal("chair 1", (await stack.Postgres.RowAsync(kernel.Key("chair").Id))!["name"]!.GetValue<string>());
        Assert.Equal(["chair 1 FINISHED"], await EventsAsync(kernel));

        // Data has version 2 already; the handler is handed it only after the resync.
        await handler.ResyncAsync([second[0].ToData()], Token);
        await kernel.ProjectAsync(second);
        Assert.Equal(["chair 1 FINISHED", "chair 2 FINISHED"], await EventsAsync(kernel));
    }

    private static async Task WriteAsync(KernelHost kernel, int rounds, int batch, Func<bool> isEnough)
    {
        var handler = kernel.Of<Projector>().Handlers.Single();
        var sample = (await kernel.AcceptManyAsync("sample", 1)).Single();
        for (var round = 0; round < rounds && !isEnough(); round++)
        {
            await handler.UpAsync([.. Enumerable.Range(0, batch).Select(i => Another(sample, $"s{round}-{i}"))], Token);
        }
    }

    private static CommandModel Another(CommandModel sample, string sk) => sample with
    {
        Id = $"{sample.Pk}#{sk}",
        Sk = $"{sk}@1",
        Code = sk,
    };

    private async Task<List<long>> ReadAsync(KernelHost one, KernelHost two, long after)
    {
        await using var command = stack.Postgres.CreateCommand(
            "SELECT id FROM events WHERE tenant_code IN (@one, @two) AND id > @after ORDER BY id");
        command.Parameters.AddWithValue("one", one.Tenant);
        command.Parameters.AddWithValue("two", two.Tenant);
        command.Parameters.AddWithValue("after", after);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var ids = new List<long>();
        while (await reader.ReadAsync(Token))
        {
            ids.Add(reader.GetInt64(0));
        }

        return ids;
    }

    private async Task<List<string>> EventsAsync(KernelHost kernel)
    {
        await using var command = stack.Postgres.CreateCommand("SELECT sk || ' ' || version || ' ' || status FROM events WHERE tenant_code = @tenant ORDER BY id");
        command.Parameters.AddWithValue("tenant", kernel.Tenant);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var events = new List<string>();
        while (await reader.ReadAsync(Token))
        {
            events.Add(reader.GetString(0));
        }

        return events;
    }

    /// <summary>Has every commit of a tenant's rows take its time, when the ids of its events are given already.</summary>
    private sealed class SlowCommits(Stack stack, string name) : IAsyncDisposable
    {
        public static async Task<SlowCommits> OfAsync(Stack stack, string tenant)
        {
            var name = $"slow_{Guid.NewGuid():N}";
            await stack.Postgres.ExecuteAsync(
                $$"""
                  CREATE FUNCTION {{name}}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END $$;
                  CREATE CONSTRAINT TRIGGER {{name}} AFTER INSERT ON products DEFERRABLE INITIALLY DEFERRED
                  FOR EACH ROW WHEN (NEW.tenant_code = '{{tenant}}') EXECUTE FUNCTION {{name}}()
                  """);
            return new SlowCommits(stack, name);
        }

        public async ValueTask DisposeAsync() => await stack.Postgres.ExecuteAsync($"DROP FUNCTION {name} CASCADE");
    }
}

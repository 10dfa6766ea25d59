using System.Net;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Cqrs.Items;
using Cqrs.Operations;
using Cqrs.Projection;
using Cqrs.Purging;
using Cqrs.Reading;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace FaultTests.Projection;

/// <summary>What becomes of a command that a handler keeps failing on. 29.</summary>
[Collection(KernelCollection.Name)]
public sealed class ParkingTests(Kernel kernel) : IAsyncLifetime
{
    private const string Module = "gadget";

    private readonly MemoryHandler _good = new("good");
    private readonly MemoryHandler _bad = new("bad") { Fails = command => command.Name == "Refused" ? new InvalidDataException("No such thing.") : null };

    private readonly RecordedFailures _failures = new();

    private Parts? _parts;

    private Parts Parts => _parts!;

    private ParkedCommands Parked => Parts.Services.GetParked();

    public async ValueTask InitializeAsync() =>
        _parts = await Parts.CreateAsync(
            kernel.Parts.Place,
            builder => builder.Services.AddSingleton<IFailureObserver>(_failures),
            MemoryHandler.Module(Module, _good, _bad));

    public ValueTask DisposeAsync() => Parts.DisposeAsync();

    [Fact]
    public async Task The_command_is_parked_with_its_reason_and_everything_else_goes_on()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        var commands = new[]
        {
            await things.PublishAsync("a", "Fine"),
            await things.PublishAsync("b", "Refused"),
            await things.PublishAsync("c", "Fine"),
            await things.PublishAsync("a", "Fine too"),
        };

        await things.ProjectAsync(commands);

        Assert.Equal(3, _good.Rows.Count);
        Assert.Equal("Refused", _good.Rows[things.Key("b")].Name);
        Assert.Equal(["a", "c"], _bad.Rows.Keys.Select(key => key.Sk).Order());
        Assert.Equal(2, _bad.Rows[things.Key("a")].Version);
        var parked = Assert.Single(await things.ParkedAsync());
        Assert.Equal((Module, "bad", commands[1].Id, 1L), (parked.Module, parked.Handler, parked.Command!.Id, parked.Command!.Version));
        Assert.Equal("Refused", parked.Command!.Name);
        Assert.Contains("No such thing.", parked.Reason, StringComparison.Ordinal);
        Assert.Contains(nameof(MemoryHandler), parked.Stack, StringComparison.Ordinal);
        Assert.Equal("shard-0 100", parked.Position);
        Assert.True(parked.Attempts > 1 && _bad.Handed.Count(h => h.Key == things.Key("b")) >= parked.Attempts);
        Assert.Single(Parts.Alarms.About(things.Key("b")));
        Assert.Single(Parts.Alarms.Raised);

        Assert.Equal(CommandStatus.Failed, await StatusAsync(things.Key("b"), 1));
        Assert.Equal(CommandStatus.Finished, await StatusAsync(things.Key("a"), 1));
        Assert.Equal(CommandStatus.Finished, await StatusAsync(things.Key("c"), 1));
    }

    [Fact]
    public async Task A_resync_goes_on_beside_what_a_handler_refuses()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        await things.ProjectAsync(await things.PublishAsync("a", "Fine"), await things.PublishAsync("b", "Refused"), await things.PublishAsync("c", "Fine"));
        await _bad.DownAsync([new(things.Key("a"), 1), new(things.Key("c"), 1)], TestContext.Current.CancellationToken);

        var pages = await Parts.Of<Resync>(Module)
            .WriteRowsAsync(things.Key("").Pk, null, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(("c", 3, 1), Assert.Single(pages));
        Assert.Equal(["a", "c"], _bad.Rows.Keys.Select(key => key.Sk).Order());
        Assert.Equal(things.Key("b").Id, Assert.Single(await things.ParkedAsync()).Command!.Id);
    }

    [Fact]
    public async Task A_purged_key_that_is_used_again_for_what_a_handler_refuses_holds_nothing_up_and_leaves_nothing()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        var command = await things.PublishAsync("a", "Fine");
        await things.ProjectAsync(command);
        await Parts.Of<PurgeService>(Module).PurgeAsync(things.Key("a"), TestContext.Current.CancellationToken);
        var anew = await things.PublishAsync("a", "Refused");

        await things.ProjectRecordsAsync(Records.Remove(command), Records.Insert(anew), Records.Insert(await things.PublishAsync("b", "Fine")));

        Assert.Equal(anew.Id, Assert.Single(await things.ParkedAsync()).Command!.Id);
        Assert.Equal("Refused", _good.Rows[things.Key("a")].Name);
        Assert.Equal(["a", "b"], _good.Rows.Keys.Select(key => key.Sk).Order());
        Assert.Equal("b", Assert.Single(_bad.Rows.Keys).Sk);
    }

    [Fact]
    public async Task A_purge_that_a_handler_cannot_follow_raises_an_alarm_and_holds_nothing_up()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        var command = await things.PublishAsync("a", "Fine");
        await things.ProjectAsync(command);
        _bad.FailsDown = new InvalidDataException("It is stuck.");

        await Parts.Of<PurgeService>(Module).PurgeAsync(things.Key("a"), TestContext.Current.CancellationToken);
        await things.ProjectRecordsAsync(Records.Remove(command), Records.Insert(await things.PublishAsync("b", "Fine")));

        Assert.Equal("b", Assert.Single(_good.Rows.Keys).Sk);
        Assert.Equal(["a", "b"], _bad.Rows.Keys.Select(key => key.Sk).Order());
        Assert.Contains("It is stuck.", Assert.Single(Parts.Alarms.About(things.Key("a"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parked_once_more_it_alarms_nobody_and_replayed_it_fails_with_the_reason_until_it_goes_through()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        await things.ProjectAsync(await things.PublishAsync("taken", "Fine"));
        var refused = await things.PublishAsync("b", "Refused");
        await things.ProjectAsync(refused);
        await things.ProjectAsync(refused);
        Assert.Single(Parts.Alarms.About(things.Key("b")));
        var parked = Assert.Single(await things.ParkedAsync());

        Assert.Equal("No such thing.", await Parked.ReplayAsync(parked.Id, TestContext.Current.CancellationToken));
        Assert.Equal(parked.Attempts + 1, Assert.Single(await things.ParkedAsync()).Attempts);
        Assert.Equal(CommandStatus.Failed, await StatusAsync(things.Key("b"), 1));

        _bad.Fails = null;
        Assert.Equal("", await Parked.ReplayAsync(parked.Id, TestContext.Current.CancellationToken));
        Assert.Empty(await things.ParkedAsync());
        Assert.Equal("Refused", _bad.Rows[things.Key("b")].Name);
        Assert.Equal(CommandStatus.Finished, await StatusAsync(things.Key("b"), 1));
        Assert.Null(await Parked.ReplayAsync(parked.Id, TestContext.Current.CancellationToken));
        Assert.Null(await Parked.ReplayAsync("not an id", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_replay_of_an_old_command_sets_nothing_back()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        await things.ProjectAsync(await things.PublishAsync("taken", "Fine"));
        await things.ProjectAsync(await things.PublishAsync("b", "Refused"));
        await things.ProjectAsync(await things.PublishAsync("b", "Fine"));
        _bad.Fails = null;

        var parked = Assert.Single(await things.ParkedAsync());
        Assert.Equal("", await Parked.ReplayAsync(parked.Id, TestContext.Current.CancellationToken));

        Assert.Equal(("Fine", 2L), (_bad.Rows[things.Key("b")].Name, _bad.Rows[things.Key("b")].Version));
    }

    // A foreign command that fills its item to the last byte: the item of the data table has two more keys.
    [Fact]
    public async Task A_command_that_the_data_table_refuses_stays_on_the_list_until_a_replay_goes_through()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        var command = await things.PublishAsync("a", "Fine");
        var table = kernel.Parts.Place.Tables.Command(new CqrsModule(Module, Module.ToUpperInvariant()));
        var item = await FillAsync(table, command);

        await things.ProjectRecordsAsync(Records.Insert(item), Records.Insert(await things.PublishAsync("b", "Fine")));

        Assert.Equal("b", Assert.Single(_good.Rows.Keys).Sk);
        var parked = Assert.Single(await things.ParkedAsync());
        Assert.Equal("data", parked.Handler);
        Assert.Contains("size", await Parked.ReplayAsync(parked.Id, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(parked.Attempts + 1, Assert.Single(await things.ParkedAsync()).Attempts);

        await Parts.Dynamo.PutItemAsync(table, ItemFormat.ToItem(command), TestContext.Current.CancellationToken);
        Assert.Equal("", await Parked.ReplayAsync(parked.Id, TestContext.Current.CancellationToken));
        Assert.Empty(await things.ParkedAsync());
        Assert.Equal(["a", "b"], _good.Rows.Keys.Select(key => key.Sk).Order());
    }

    [Fact]
    public async Task A_command_whose_key_leaves_no_room_for_the_handlers_name_is_parked()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        var command = await things.PublishAsync("a", "Refused");
        var key = things.Key(new string('k', 1022));
        var foreign = command with { Sk = key.VersionSk(1), Id = key.Id, Code = "other" };

        await things.ProjectAsync(foreign, await things.PublishAsync("b", "Fine"));

        var parked = Assert.Single(await things.ParkedAsync());
        Assert.Equal(foreign.Id, parked.Command!.Id);
        Assert.Null(await Parked.ReplayAsync(parked.Id, TestContext.Current.CancellationToken));
        Assert.Empty(await things.ParkedAsync());
    }

    [Fact]
    public async Task A_later_version_that_goes_through_resolves_it()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        await things.ProjectAsync(await things.PublishAsync("taken", "Fine"));
        await things.ProjectAsync(await things.PublishAsync("b", "Refused"), await things.PublishAsync("other", "Refused"));
        await things.ProjectAsync(await things.PublishAsync("b", "Fine"));

        await Parked.ResolveAppliedAsync(new CqrsModule(Module, Module.ToUpperInvariant()), TestContext.Current.CancellationToken);

        Assert.Equal("other", Assert.Single(await things.ParkedAsync()).Command!.Key.Sk);
        Assert.Equal(CommandStatus.Finished, await StatusAsync(things.Key("b"), 1));
        Assert.Null((await Parts.Of<CommandStatusService>(Module).GetAsync(things.Key("b"), 1, TimeSpan.Zero, TestContext.Current.CancellationToken))!
            .Value.Command.FailedReason);
    }

    // Design, section 5.7
    [Fact]
    public async Task A_fault_of_a_whole_store_parks_nothing()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        var commands = new[] { await things.PublishAsync("a", "Fine"), await things.PublishAsync("b", "Fine") };
        foreach (var fault in new Exception[]
        {
            new TimeoutException(),
            new NpgsqlException("down", new System.Net.Sockets.SocketException(111)),
            new InvalidOperationException("wrapped", new HttpRequestException()),
            new HttpRequestException("busy", null, HttpStatusCode.TooManyRequests),
            new HttpRequestException("late", null, HttpStatusCode.RequestTimeout),
            new HttpRequestException("down", null, HttpStatusCode.BadGateway),
            new ProvisionedThroughputExceededException("throttled"),
            new AmazonDynamoDBException("throttled", ErrorType.Unknown, "ThrottlingException", "1", HttpStatusCode.BadRequest),
            new PostgresException("deadlock", "ERROR", "ERROR", PostgresErrorCodes.DeadlockDetected),
            new PostgresException("shutdown", "FATAL", "FATAL", PostgresErrorCodes.AdminShutdown),
            new PostgresException("too many", "FATAL", "FATAL", PostgresErrorCodes.TooManyConnections),
            new PostgresException("serialization", "ERROR", "ERROR", PostgresErrorCodes.SerializationFailure),
            new PostgresException("connection", "FATAL", "FATAL", PostgresErrorCodes.ConnectionFailure),
            new PostgresException("disk", "ERROR", "ERROR", PostgresErrorCodes.IoError),
            new PostgresException("after a failover", "ERROR", "ERROR", PostgresErrorCodes.ReadOnlySqlTransaction),
            new PostgresException("no right", "ERROR", "ERROR", PostgresErrorCodes.InsufficientPrivilege),
            new PostgresException("broken", "ERROR", "ERROR", PostgresErrorCodes.IndexCorrupted),
        })
        {
            _bad.Fails = _ => fault;
            Assert.Same(fault, await Assert.ThrowsAnyAsync<Exception>(() => things.ProjectAsync(commands)));
        }

        Assert.Empty(await things.ParkedAsync());
        Assert.Empty(Parts.Alarms.Raised);
        Assert.Equal(CommandStatus.Pending, await StatusAsync(things.Key("a"), 1));
    }

    [Fact]
    public async Task What_a_service_says_of_one_request_parks_that_command_alone()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        _bad.Fails = command => command.Name == "Refused" ? new HttpRequestException("not like that", null, HttpStatusCode.BadRequest) : null;

        await things.ProjectAsync(await things.PublishAsync("a", "Fine"), await things.PublishAsync("b", "Refused"));

        Assert.Equal(things.Key("b").Id, Assert.Single(await things.ParkedAsync()).Command!.Id);
        Assert.Equal("a", Assert.Single(_bad.Rows.Keys).Sk);
    }

    [Fact]
    public async Task A_failure_that_could_not_be_told_is_told_when_the_command_comes_again()
    {
        var things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        await things.ProjectAsync(await things.PublishAsync("taken", "Fine"));
        var refused = await things.PublishAsync("b", "Refused");
        _failures.Fails = new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => things.ProjectAsync(refused));
        Assert.Empty(await things.ParkedAsync());

        _failures.Fails = null;
        await things.ProjectAsync(refused);
        await things.ProjectAsync(refused);

        Assert.Equal([(things.Key("b"), 1L, "InvalidDataException: No such thing.")], _failures.Told);
        Assert.Single(Parts.Alarms.About(things.Key("b")));
        Assert.Single(await things.ParkedAsync());
    }

    // Through the whole stack: the constraint makes the real handler refuse one name.
    [Fact]
    public async Task Operators_see_what_is_parked_and_replay_it()
    {
        var stack = kernel.Stack;
        var client = await stack.ClientAsync();
        var operators = await stack.OperatorAsync();
        var name = $"refused {client.Tenant}";
        await stack.Postgres.ExecuteAsync($"ALTER TABLE products ADD CONSTRAINT refuses CHECK (name <> '{name}') NOT VALID");
        try
        {
            (await client.BulkAsync(new object[] { new { sk = "a", name = "Fine" }, new { sk = "b", name }, new { sk = "c", name }, new { sk = "d", name = "Fine" } }))
                .Is(HttpStatusCode.OK);
            var failed = await Eventually.GetAsync(
                "the command has failed",
                () => client.CommandAsync("b", 1),
                answer => answer.Is(HttpStatusCode.OK).Json["status"]!.GetValue<string>() != "PENDING");
            Assert.Equal("FAILED", failed.Json["status"]!.GetValue<string>());
            Assert.Contains("refuses", failed.Text, StringComparison.Ordinal);
            await stack.Postgres.RowAsync(client.IdOf("a"), 1);
            await stack.Postgres.RowAsync(client.IdOf("d"), 1);
            var parked = await Eventually.GetAsync("both are parked", () => ParkedAsync(operators, client.Tenant), ids => ids.Count == 2);
            Assert.True((await operators.SendAsync(HttpMethod.Get, "/api/ops/sync")).Is(HttpStatusCode.OK).Json["parked"]!.GetValue<int>() >= 2);

            (await operators.SendAsync(HttpMethod.Post, $"/api/ops/parked/{parked["b"]}/replay")).Is(HttpStatusCode.Conflict);
            (await operators.SendAsync(HttpMethod.Post, "/api/ops/parked/unknown/replay")).IsProblem(HttpStatusCode.NotFound, "not-found");
            foreach (var path in new[] { "/api/ops/parked", "/api/ops/sync" })
            {
                (await client.SendAsync(HttpMethod.Get, path)).IsProblem(HttpStatusCode.Forbidden, "forbidden");
            }

            (await client.SendAsync(HttpMethod.Post, $"/api/ops/parked/{parked["b"]}/replay")).IsProblem(HttpStatusCode.Forbidden, "forbidden");

            // A later version that goes through takes the other off the list.
            (await client.PatchAsync("c", new { name = "Fine" }, ("If-Match", "\"1\""))).Is(HttpStatusCode.OK);
            await Eventually.GetAsync("one is resolved", () => ParkedAsync(operators, client.Tenant), ids => !ids.ContainsKey("c"));

            await stack.Postgres.ExecuteAsync("ALTER TABLE products DROP CONSTRAINT refuses");
            (await operators.SendAsync(HttpMethod.Post, $"/api/ops/parked/{parked["b"]}/replay")).Is(HttpStatusCode.NoContent);
            Assert.Empty(await ParkedAsync(operators, client.Tenant));
            Assert.Equal("FINISHED", (await client.CommandAsync("b", 1)).Is(HttpStatusCode.OK).Json["status"]!.GetValue<string>());
            await stack.Oracle.CheckAsync(client.Tenant);
        }
        finally
        {
            await stack.Postgres.ExecuteAsync("ALTER TABLE products DROP CONSTRAINT IF EXISTS refuses");
        }
    }

    private async Task<Dictionary<string, AttributeValue>> FillAsync(string table, CommandModel command)
    {
        for (var length = 400 * 1024; ; length--)
        {
            var item = ItemFormat.ToItem(command with { WriteId = null, TraceParent = null, Attributes = new() { ["filled"] = new string('x', length) } });
            if (ItemSize.Of(item) > 400 * 1024)
            {
                continue;
            }

            try
            {
                await Parts.Dynamo.PutItemAsync(table, item, TestContext.Current.CancellationToken);
                return item;
            }
            catch (AmazonDynamoDBException tooLarge) when (tooLarge.ErrorCode == "ValidationException")
            {
                // It is counted a little differently.
            }
        }
    }

    private static async Task<Dictionary<string, string>> ParkedAsync(ApiClient operators, string tenant) =>
        (await operators.SendAsync(HttpMethod.Get, "/api/ops/parked")).Is(HttpStatusCode.OK).Json.AsArray()
            .Where(parked => parked!["command"]!["tenantCode"]!.GetValue<string>() == tenant)
            .ToDictionary(
                parked => parked!["command"]!["id"]!.GetValue<string>().Split('#')[^1], parked => parked!["id"]!.GetValue<string>());

    private async Task<CommandStatus> StatusAsync(ItemKey key, long version) =>
        (await Parts.Of<CommandStatusService>(Module).GetAsync(key, version, TimeSpan.Zero, TestContext.Current.CancellationToken))!.Value.Status;

    private sealed class RecordedFailures : IFailureObserver
    {
        public List<(ItemKey Key, long Version, string Reason)> Told { get; } = [];

        public Exception? Fails { get; set; }

        public Task CommandFailedAsync(CommandModel command, string reason, CancellationToken cancellationToken)
        {
            if (Fails is not null)
            {
                throw Fails;
            }

            Told.Add((command.Key, command.Version, reason));
            return Task.CompletedTask;
        }
    }
}

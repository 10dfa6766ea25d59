using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Cqrs.Items;
using Cqrs.Publishing;
using Cqrs.Streams;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace FaultTests.Streams;

/// <summary>What the kernel's meter tells of a worker in this process.</summary>
[Collection(KernelCollection.Name)]
public sealed class MetricsTests(FaultStack stack) : IAsyncLifetime
{
    private const string Module = "metered";
    private const string Shard = "metered-shard";

    private static readonly CqrsModule Metered = new(Module, "METERED");

    private readonly ScriptedStreams _streams = new();
    private readonly MemoryHandler _handler = new("memory");
    private readonly Measurements _measured = new();
    private ScriptedShard? _shard;
    private Parts? _parts;
    private ProductWriter? _things;

    private Parts Parts => _parts!;

    private ProductWriter Things => _things!;

    public async ValueTask InitializeAsync()
    {
        _shard = _streams.AddShard(Shard);
        _parts = await Parts.CreateAsync(
            await Place.NewAsync(stack), builder => builder.Services.AddSingleton<IDynamoDbStreams>(_streams), MemoryHandler.Module(Module, _handler));
        _things = new ProductWriter(Parts, FaultStack.NewTenant(), Module);
        await Parts.StartAsync();
        // Before the first command, or the replay projects it too.
        await Eventually.IsTrueAsync("the first replay is done", async () => (await LeaseAsync("#replay"))?.IsFinished == true);
    }

    public async ValueTask DisposeAsync()
    {
        await Parts.DisposeAsync();
        _measured.Dispose();
    }

    [Fact]
    public async Task Publishes_are_measured_by_outcome_and_conflicts_are_counted()
    {
        await Things.PublishAsync("a", "One");
        await Things.PublishAsync("b", "One");
        var commands = Parts.Of<CommandService>(Module);
        var stale = Things.Input("a", "Two") with { Version = Keys.VersionFirst };
        Assert.IsType<PublishResult.Conflict>(await commands.PublishAsync(stale, Load.Options(Things.Tenant), TestContext.Current.CancellationToken));
        Assert.IsType<PublishResult.Unchanged>(
            await commands.PublishAsync(Things.Input("b", "One"), Load.Options(Things.Tenant), TestContext.Current.CancellationToken));

        var publishes = _measured.Of("cqrs.publish.duration");
        Assert.Equal(["Accepted", "Accepted", "Conflict", "Unchanged"], publishes.Select(publish => publish["cqrs.outcome"] as string).Order(StringComparer.Ordinal));
        Assert.All(publishes, publish => Assert.InRange(publish.Value, 0.0001, 20));
        Assert.All(publishes, publish => Assert.Equal(Module, publish["cqrs.module"]));
        Assert.Equal(1, _measured.Of("cqrs.publish.conflicts").Sum(conflict => conflict.Value));
    }

    [Fact]
    public async Task A_batch_is_measured_with_its_size_and_how_long_its_commands_waited_and_what_is_held_meanwhile()
    {
        var first = DateTimeOffset.UtcNow;
        var commands = new[] { await Things.PublishAsync("a", "One"), await Things.PublishAsync("b", "One"), await Things.PublishAsync("c", "One") };
        _handler.Fails = _ => new TimeoutException();
        _streams.Put(_shard!, commands);

        await Eventually.GetAsync("it is tried again", () => Task.FromResult(_measured.Of("cqrs.projection.retries").Sum(retry => retry.Value)), sum => sum >= 2);
        Assert.All(_measured.Of("cqrs.projection.retries"), retry => Assert.Equal(Module, retry["cqrs.module"]));
        Assert.Empty(_measured.Of("cqrs.projection.commands"));
        var behind = Assert.Single(_measured.Observe("cqrs.projection.behind", Shard));
        Assert.InRange(behind.Value, 0.1, (DateTimeOffset.UtcNow - first).TotalSeconds + 0.1);
        Assert.Equal(3, Assert.Single(_measured.Observe("cqrs.projection.behind.commands", Shard)).Value);

        var held = (DateTimeOffset.UtcNow - commands[2].UpdatedAt).TotalSeconds;
        _handler.Fails = null;
        await Eventually.GetAsync("it is projected", () => Task.FromResult(_measured.Of("cqrs.projection.commands").Sum(batch => batch.Value)), sum => sum == 3);
        Assert.Equal(3, Assert.Single(_measured.Of("cqrs.projection.batch_size")).Value);
        var lags = await Eventually.GetAsync("lags are measured", () => Task.FromResult(_measured.Of("cqrs.projection.lag")), lags => lags.Count == 3);
        Assert.All(lags, lag => Assert.InRange(lag.Value, held - 0.1, (DateTimeOffset.UtcNow - first).TotalSeconds + 0.1));
        Assert.All(
            [.. lags, .. _measured.Of("cqrs.projection.batch_size"), .. _measured.Of("cqrs.projection.commands")],
            measurement => Assert.Equal(Module, measurement["cqrs.module"]));
        await Eventually.IsTrueAsync("nothing is behind", () => Task.FromResult(_measured.Observe("cqrs.projection.behind", Shard).Count == 0));
    }

    [Fact]
    public async Task A_command_that_is_parked_is_counted_with_its_handler_and_its_retries()
    {
        // That the target takes another item shows that the fault is of the command.
        _streams.Put(_shard!, await Things.PublishAsync("good", "Good"));
        await Eventually.IsTrueAsync("it is projected", () => Task.FromResult(_handler.Rows.Count == 1));
        var bad = await Things.PublishAsync("bad", "Bad");
        _handler.Fails = command => command.Key == bad.Key ? new InvalidOperationException("No.") : null;
        _streams.Put(_shard!, bad);

        var parked = await Eventually.GetAsync(
            "it is parked", () => Task.FromResult(_measured.Of("cqrs.projection.parked")), parked => parked.Count > 0);
        Assert.Equal((1.0, Module, "memory"), (Assert.Single(parked).Value, parked[0]["cqrs.module"], parked[0]["cqrs.handler"]));
        Assert.Equal(3, _measured.Of("cqrs.projection.retries").Sum(retry => retry.Value));
    }

    [Fact]
    public async Task Leases_that_are_taken_lost_and_released_are_counted()
    {
        Assert.Equal(2, Changes("taken"));
        await Eventually.GetAsync("the replay's is released", () => Task.FromResult(Changes("released")), count => count == 1);
        var leases = new ShardLeaseStore(Parts.Dynamo, Parts.Place.Tables, TimeProvider.System);
        await Eventually.IsTrueAsync("another worker takes the shard", async () =>
            await LeaseAsync(Shard) is { } lease
            && await leases.TryAcquireAsync(lease, lease.StreamArn, Shard, "another", TestContext.Current.CancellationToken) is not null);

        await Eventually.GetAsync("it is lost", () => Task.FromResult(Changes("lost")), count => count == 1);
        await Eventually.GetAsync("it is taken again from the other, who does nothing", () => Task.FromResult(Changes("taken")), count => count == 3);
        await Parts.StopAsync();
        Assert.Equal((3, 1, 2), (Changes("taken"), Changes("lost"), Changes("released")));

        double Changes(string change) => _measured.Of("cqrs.lease.changes").Where(m => Equals(m["cqrs.change"], change)).Sum(m => m.Value);
    }

    private async Task<ShardLease?> LeaseAsync(string shardId) =>
        (await Queries.LeasesAsync(stack.Dynamo, Parts.Place.Tables, Metered)).SingleOrDefault(lease => lease.ShardId == shardId);

    private sealed record Measurement(string Name, double Value, IReadOnlyDictionary<string, object?> Tags)
    {
        public object? this[string tag] => Tags.GetValueOrDefault(tag);
    }

    /// <summary>Hears what the kernel's meter tells, of this class's module or of none in particular.</summary>
    private sealed class Measurements : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<Measurement> _heard = new();

        public Measurements()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == CqrsTelemetry.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, value, tags));
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, value, tags));
            _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Hear(instrument, value, tags));
            _listener.Start();
        }

        public List<Measurement> Of(string name) => [.. _heard.Where(m => m.Name == name)];

        /// <summary>Asks the gauges.</summary>
        public List<Measurement> Observe(string name, string shard)
        {
            var before = Of(name).Count;
            _listener.RecordObservableInstruments();
            return [.. Of(name).Skip(before).Where(m => Equals(m["cqrs.shard"], shard))];
        }

        public void Dispose() => _listener.Dispose();

        private void Hear(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var measurement = new Measurement(instrument.Name, value, tags.ToArray().ToDictionary());
            if (measurement["cqrs.module"] is null or Module)
            {
                _heard.Enqueue(measurement);
            }
        }
    }
}

using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Cqrs.Tables;

/// <summary>Traces and metrics of the kernel.</summary>
public static class CqrsTelemetry
{
    /// <summary>The name of the kernel's activity source and of its meter.</summary>
    public const string Name = "Cqrs";

    internal static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    internal static readonly Histogram<double> PublishDuration = Meter.CreateHistogram<double>(
        "cqrs.publish.duration", "s", "How long a publish took, by module and outcome.");

    internal static readonly Counter<long> Conflicts = Meter.CreateCounter<long>(
        "cqrs.publish.conflicts", "{conflict}", "Publishes refused because the version was not the newest.");

    internal static readonly Histogram<double> Lag = Meter.CreateHistogram<double>(
        "cqrs.projection.lag", "s", "Time from a command's publish until every read model had it.");

    internal static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>(
        "cqrs.projection.batch_size", "{command}", "Commands projected in one batch.");

    internal static readonly Counter<long> Projected = Meter.CreateCounter<long>(
        "cqrs.projection.commands", "{command}", "Commands projected.");

    internal static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "cqrs.projection.retries", "{retry}", "Batches that were tried again.");

    internal static readonly Counter<long> Parked = Meter.CreateCounter<long>(
        "cqrs.projection.parked", "{command}", "Commands parked because a handler kept failing.");

    /// <summary>Has gauges ask, for each shard of a module that is behind, by how many seconds and by how many commands that are read already.</summary>
    internal static void ObserveBehind(CqrsModule module, Func<IEnumerable<(string ShardId, double Seconds, int Commands)>> shards)
    {
        Meter.CreateObservableGauge(
            "cqrs.projection.behind",
            () => shards().Select(shard => new Measurement<double>(shard.Seconds, Tags(shard.ShardId))),
            "s",
            "Age of the oldest command that is read and not projected.");
        Meter.CreateObservableGauge(
            "cqrs.projection.behind.commands",
            () => shards().Select(shard => new Measurement<int>(shard.Commands, Tags(shard.ShardId))),
            "{command}",
            "Commands that are read and not projected.");

        KeyValuePair<string, object?>[] Tags(string shardId) => [new("cqrs.module", module.Name), new("cqrs.shard", shardId)];
    }

    /// <summary>Counts a lease of a module's shard as <c>taken</c>, <c>lost</c> or <c>released</c>.</summary>
    internal static void CountLease(CqrsModule module, string change) =>
        LeaseChanges.Add(1, new("cqrs.module", module.Name), new("cqrs.change", change));

    private static readonly Counter<long> LeaseChanges = Meter.CreateCounter<long>(
        "cqrs.lease.changes", "{change}", "Shard leases taken, lost and released.");
}

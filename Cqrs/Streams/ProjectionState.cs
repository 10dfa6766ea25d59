using System.Collections.Concurrent;
using Cqrs.Tables;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cqrs.Streams;

/// <summary>How the shards of a module do that this worker reads: unhealthy while one is held by a fault; and how far each is behind.</summary>
internal sealed class ProjectionState : IHealthCheck
{
    private readonly ConcurrentDictionary<string, Exception> _failing = new();
    private readonly ConcurrentDictionary<string, (DateTimeOffset Since, int Commands)> _behind = new();
    private readonly CqrsModule _module;
    private readonly TimeProvider _time;

    public ProjectionState(CqrsModule module, TimeProvider time)
    {
        (_module, _time) = (module, time);
        CqrsTelemetry.ObserveBehind(
            module,
            () => _behind.Select(shard => (shard.Key, (_time.GetUtcNow() - shard.Value.Since).TotalSeconds, shard.Value.Commands)));
    }

    public void ReportFailure(string shardId, Exception exception) => _failing[shardId] = exception;

    public void ReportSuccess(string shardId) => _failing.TryRemove(shardId, out _);

    /// <summary>Commands were read, and are to be projected: the time of the oldest, and how many.</summary>
    public void ReportBehind(string shardId, DateTimeOffset since, int commands) => _behind[shardId] = (since, commands);

    /// <summary>There is nothing more to read for now.</summary>
    public void ReportCaughtUp(string shardId) => _behind.TryRemove(shardId, out _);

    /// <summary>Gets whether a shard has commands that are read and not projected, or is not known to have none left.</summary>
    public bool IsAnyBehind => !_behind.IsEmpty;

    public long LagMs(string shardId) =>
        _behind.TryGetValue(shardId, out var behind) ? Math.Max(0, (long)(_time.GetUtcNow() - behind.Since).TotalMilliseconds) : 0;

    public void Forget(string shardId)
    {
        _failing.TryRemove(shardId, out _);
        _behind.TryRemove(shardId, out _);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_failing.ToArray() is [var (shardId, exception), ..]
            ? HealthCheckResult.Unhealthy($"Shard {shardId} of {_module.Name} is held: {exception.Message}", exception)
            : HealthCheckResult.Healthy());
}

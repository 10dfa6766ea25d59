using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cqrs.Streams;

/// <summary>How the shards do that this worker reads: unhealthy while one is held by a fault; and how far each is behind.</summary>
internal sealed class ProjectionState : IHealthCheck
{
    private readonly ConcurrentDictionary<string, Exception> _failing = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _behindSince = new();
    private readonly TimeProvider _time;

    public ProjectionState(TimeProvider time)
    {
        _time = time;
        CqrsTelemetry.ObserveBehind(() => _behindSince.Select(shard => (shard.Key, (_time.GetUtcNow() - shard.Value).TotalSeconds)));
    }

    public void ReportFailure(string shardId, Exception exception) => _failing[shardId] = exception;

    public void ReportSuccess(string shardId) => _failing.TryRemove(shardId, out _);

    /// <summary>The time of the oldest command that is read and not projected; null: none is.</summary>
    public void ReportBehind(string shardId, DateTimeOffset? since)
    {
        if (since is { } time)
        {
            _behindSince[shardId] = time;
        }
        else
        {
            _behindSince.TryRemove(shardId, out _);
        }
    }

    public long LagMs(string shardId) =>
        _behindSince.TryGetValue(shardId, out var since) ? Math.Max(0, (long)(_time.GetUtcNow() - since).TotalMilliseconds) : 0;

    public void Forget(string shardId)
    {
        _failing.TryRemove(shardId, out _);
        _behindSince.TryRemove(shardId, out _);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_failing.ToArray() is [var (shardId, exception), ..]
            ? HealthCheckResult.Unhealthy($"Shard {shardId} is held: {exception.Message}", exception)
            : HealthCheckResult.Healthy());
}

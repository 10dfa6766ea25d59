using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cqrs.Streams;

/// <summary>Unhealthy while the worker cannot read or project what it has taken on.</summary>
internal sealed class ProjectionHealth : IHealthCheck
{
    private readonly ConcurrentDictionary<string, Exception> _failing = new();

    public void ReportFailure(string shardId, Exception exception) => _failing[shardId] = exception;

    public void ReportSuccess(string shardId) => _failing.TryRemove(shardId, out _);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_failing.ToArray() is [var (shardId, exception), ..]
            ? HealthCheckResult.Unhealthy($"Shard {shardId} is held: {exception.Message}", exception)
            : HealthCheckResult.Healthy());
}

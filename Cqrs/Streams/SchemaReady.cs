using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cqrs.Streams;

/// <summary>Opens when tables and migrations are there: the worker projects nothing before, and is not ready.</summary>
public sealed class SchemaReady : IHealthCheck
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets whether the schema was set up since the start.</summary>
    public bool IsSet => _ready.Task.IsCompleted;

    /// <summary>Says that the schema is there.</summary>
    public void Set() => _ready.TrySetResult();

    /// <summary>Waits until the schema is there.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _ready.Task.WaitAsync(cancellationToken);

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsSet ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The schema is not set up yet."));
}

using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ProductAspire.Local.Running;

/// <summary>Follows the health of a running resource: often until it is healthy, then now and then.</summary>
internal sealed class HealthWatch(ResourceInstance instance, ILauncher launcher, Orchestrator orchestrator, Action<HealthStatus> publish)
{
    private static readonly TimeSpan WhileUnhealthy = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HealthProbe probe = new(instance, launcher);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var isHealthy = false;
        var sinceChange = Stopwatch.StartNew();
        try
        {
            while (true)
            {
                var now = await probe.IsHealthyAsync(cancellationToken);
                if (now != isHealthy)
                {
                    if (!now)
                    {
                        orchestrator.HealthIs(instance, $"is no longer healthy: {probe.Complaint}.");
                    }

                    isHealthy = now;
                    publish(now ? HealthStatus.Healthy : HealthStatus.Unhealthy);
                    sinceChange.Restart();
                }
                else if (!now && sinceChange.Elapsed > Patience)
                {
                    orchestrator.HealthIs(instance, $"is still not healthy: {probe.Complaint}.");
                    sinceChange.Restart();
                }

                await Task.Delay(now ? orchestrator.HealthyInterval : WhileUnhealthy, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The process has ended.
        }
    }
}

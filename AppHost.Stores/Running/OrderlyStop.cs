using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace ProductAspire.Stores.Running;

/// <summary>
/// Stops the services before the stores. The orchestrator stops everything at once: a service that drains its work would then wait for a store that is
/// gone.
/// </summary>
internal sealed class OrderlyStop(DistributedApplicationModel model, ResourceCommandService commands) : IHostedLifecycleService
{
    // Together with the stores, everything is to end within five seconds.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3.5);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var services = model.Resources.OfType<ProjectResource>();
        try
        {
            await Task.WhenAll(services.Select(service => commands.ExecuteCommandAsync(service, KnownResourceCommands.StopCommand, cancellationToken)))
                .WaitAsync(Limit, cancellationToken);
        }
        catch (Exception fault) when (fault is TimeoutException or OperationCanceledException)
        {
            // The orchestrator ends what is left.
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

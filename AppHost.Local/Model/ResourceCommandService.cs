using ProductAspire.Local.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Stops, starts and restarts single resources.</summary>
public class ResourceCommandService
{
    private readonly Orchestrator orchestrator;

    internal ResourceCommandService(Orchestrator orchestrator) => this.orchestrator = orchestrator;

    /// <param name="resourceId">The name of the resource, or of one of its replicas.</param>
    /// <param name="commandName">start, stop or restart (also under their older names, resource-start and so on).</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        var instances = orchestrator.Find(resourceId);
        if (instances.Count == 0)
        {
            return new() { Success = false, Message = $"There is no resource '{resourceId}'." };
        }

        try
        {
            await Task.WhenAll(instances.Select(instance => Execute(instance, commandName, cancellationToken)));
            return new() { Success = true };
        }
        catch (Exception e) when (e is DistributedApplicationException or InvalidOperationException)
        {
            return new() { Success = false, Message = e.Message };
        }
    }

    public Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource, string commandName, CancellationToken cancellationToken = default) =>
        ExecuteCommandAsync(resource.Name, commandName, cancellationToken);

    private static async Task Execute(ResourceInstance instance, string command, CancellationToken cancellationToken)
    {
        switch (command.StartsWith("resource-", StringComparison.Ordinal) ? command["resource-".Length..] : command)
        {
            case "start":
                await instance.StartAsync(cancellationToken);
                break;
            case "stop":
                await instance.StopAsync(cancellationToken);
                break;
            case "restart":
                await instance.StopAsync(cancellationToken);
                await instance.StartAsync(cancellationToken);
                break;
            default:
                throw new InvalidOperationException($"'{command}' is not a command of '{instance.Id}'.");
        }
    }
}

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }

    public bool Canceled { get; init; }

    public string? Message { get; init; }
}

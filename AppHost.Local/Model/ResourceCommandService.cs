using Microsoft.Extensions.Logging.Abstractions;
using ProductAspire.Local.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Stops, starts and restarts single resources, and has them do what commands they have besides.</summary>
public class ResourceCommandService
{
    private readonly Orchestrator orchestrator;
    private readonly IServiceProvider services;

    internal ResourceCommandService(Orchestrator orchestrator, IServiceProvider services)
    {
        this.orchestrator = orchestrator;
        this.services = services;
    }

    /// <param name="resourceId">The name of the resource, or of one of its replicas.</param>
    /// <param name="commandName">start, stop or restart (also under their older names, resource-start and so on), or a command of its own.</param>
    /// <param name="arguments">What the command asks for; what is missing has the value that the command suggests.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, InteractionInputCollection arguments, CancellationToken cancellationToken = default)
    {
        var instances = orchestrator.Find(resourceId);
        if (instances.Count == 0)
        {
            return CommandResults.Failure($"There is no resource '{resourceId}'.");
        }

        try
        {
            if (instances[0].Resource.Annotations.OfType<ResourceCommandAnnotation>().FirstOrDefault(own => own.Name == commandName) is { } command)
            {
                return await command.ExecuteCommand(new ExecuteCommandContext
                {
                    Services = services,
                    ResourceName = instances[0].Id,
                    CancellationToken = cancellationToken,
                    Logger = NullLogger.Instance,
                    Arguments = new([.. command.Arguments.Select(asked => Answered(asked, arguments.GetString(asked.Name)))]),
                });
            }

            await Task.WhenAll(instances.Select(instance => Execute(instance, commandName, cancellationToken)));
            return new() { Success = true };
        }
        catch (Exception e) when (e is DistributedApplicationException or InvalidOperationException)
        {
            return CommandResults.Failure(e.Message);
        }
    }

    public Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, CancellationToken cancellationToken = default) =>
        ExecuteCommandAsync(resourceId, commandName, new InteractionInputCollection([]), cancellationToken);

    public Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource, string commandName, CancellationToken cancellationToken = default) =>
        ExecuteCommandAsync(resource.Name, commandName, cancellationToken);

    private static InteractionInput Answered(InteractionInput asked, string? answer) => new()
    {
        Name = asked.Name,
        InputType = asked.InputType,
        Label = asked.Label,
        Description = asked.Description,
        Required = asked.Required,
        Value = answer ?? asked.Value,
    };

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

using Microsoft.Extensions.DependencyInjection;
using ProductAspire.Stores;

/// <summary>The command "Start with empty stores": removes all data and starts the services again.</summary>
internal static class EmptyStoresCommand
{
    public static void WithEmptyStoresCommand(
        this IResourceBuilder<ProjectResource> worker,
        IResourceBuilder<IResourceWithConnectionString> database,
        IResourceBuilder<IResourceWithEndpoints> dynamodb,
        IResourceBuilder<ProjectResource> api) => worker.WithCommand(
            "empty-stores",
            "Start with empty stores",
            context => RunAsync(worker.Resource, api.Resource, database.Resource, dynamodb.GetEndpoint("http"), context),
            new CommandOptions
            {
                Description = "Removes all products, their history and the read model, and starts the services again.",
                ConfirmationMessage = "All products of all tenants are removed for good. Go on?",
                IconName = "Delete",
            });

    private static async Task<ExecuteCommandResult> RunAsync(
        ProjectResource worker,
        ProjectResource api,
        IResourceWithConnectionString database,
        EndpointReference dynamodb,
        ExecuteCommandContext context)
    {
        var services = new Services(context);
        var tables = 0;
        foreach (var step in new Func<Task<ExecuteCommandResult>>[]
        {
            () => services.StopAsync(api),
            () => services.StopAsync(worker),
            async () =>
            {
                tables = await StoreContents.DeleteTablesAsync(dynamodb, context.CancellationToken);
                await StoreContents.EmptyDatabaseAsync(database, context.CancellationToken);
                return CommandResults.Success();
            },
            () => services.StartAsync(worker),
            () => services.StartAsync(api),
        })
        {
            if (await step() is { Success: false } failed)
            {
                return failed;
            }
        }

        return CommandResults.Success($"{tables} tables and the database are empty. The services run again.");
    }

    private sealed class Services(ExecuteCommandContext context)
    {
        private readonly ResourceCommandService commands = context.Services.GetRequiredService<ResourceCommandService>();
        private readonly ResourceNotificationService notifications = context.Services.GetRequiredService<ResourceNotificationService>();

        public async Task<ExecuteCommandResult> StopAsync(ProjectResource service)
        {
            var result = await commands.ExecuteCommandAsync(service, KnownResourceCommands.StopCommand, context.CancellationToken);
            await notifications.WaitForResourceAsync(service.Name, KnownResourceStates.TerminalStates, context.CancellationToken);
            return result;
        }

        public async Task<ExecuteCommandResult> StartAsync(ProjectResource service)
        {
            var result = await commands.ExecuteCommandAsync(service, KnownResourceCommands.StartCommand, context.CancellationToken);
            await notifications.WaitForResourceHealthyAsync(service.Name, context.CancellationToken);
            return result;
        }
    }
}

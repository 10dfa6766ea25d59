using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ProductAspire.Stores.Postgres;
using ProductAspire.Stores.Running;

namespace ProductAspire.Stores;

/// <summary>Adds a Postgres that runs with or without containers.</summary>
public static class PostgresStore
{
    /// <summary>
    /// Adds a Postgres server: Aspire's container where a container runtime answers, else an installed or fetched Postgres as a process. It keeps its
    /// data between runs. Published, it is Aspire's resource. The setting <c>Stores</c> (<c>containers</c> or <c>processes</c>) decides otherwise.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the resource.</param>
    /// <returns>The server, to which <see cref="AddDatabase"/> adds databases.</returns>
    public static IResourceBuilder<IResourceWithConnectionString> AddPostgresStore(this IDistributedApplicationBuilder builder, string name)
    {
        if (builder.ExecutionContext.IsPublishMode)
        {
            return builder.AddPostgres(name);
        }

        var run = LocalRun.Of(builder);
        return run.Settings.UseContainers ? AddContainer(builder, run, name) : AddProcess(builder, run, name);
    }

    /// <summary>Adds a database, which is created if it is not there.</summary>
    /// <param name="server">The server that <see cref="AddPostgresStore"/> has added.</param>
    /// <param name="name">The name of the resource, of the database and of the connection string.</param>
    /// <returns>The database.</returns>
    public static IResourceBuilder<IResourceWithConnectionString> AddDatabase(
        this IResourceBuilder<IResourceWithConnectionString> server, string name) => server.Resource switch
        {
            PostgresServerResource => PostgresBuilderExtensions.AddDatabase((IResourceBuilder<PostgresServerResource>)server, name),
            _ => AddProcessDatabase((IResourceBuilder<PostgresProcessResource>)server, name),
        };

    private static IResourceBuilder<PostgresServerResource> AddContainer(IDistributedApplicationBuilder builder, LocalRun run, string name)
    {
        var server = builder.AddPostgres(name).WithEndpoint("tcp", endpoint =>
        {
            endpoint.Port = run.FreePort(name);
            endpoint.IsProxied = false;
        });
        return run.Settings.IsFresh || run.Settings.IsTemporary ? server : server.WithDataVolume();
    }

    private static IResourceBuilder<PostgresProcessResource> AddProcess(IDistributedApplicationBuilder builder, LocalRun run, string name)
    {
        var process = new PostgresProcess(builder, run, name);
        var password = builder.AddParameter($"{name}-password", () => RememberedPassword.Get(process.PasswordFile), secret: true);
        var server = builder.AddResource(new PostgresProcessResource(name, process.Program(), password.Resource));
        run.Require(server.Resource, process.FindProblemsAsync);
        return server
            .WithEndpoint(port: run.FreePort(name), scheme: "tcp", name: "tcp", isProxied: false)
            .WithArgs(context => process.AddArguments(context, server.Resource.Endpoint))
            .OnBeforeResourceStarted(async (resource, starting, cancellationToken) =>
            {
                await process.PrepareAsync(resource, starting.Services, cancellationToken);
                server.WithCommand(process.Program());
            })
            .WithDatabaseCheck("postgres");
    }

    private static IResourceBuilder<PostgresProcessDatabase> AddProcessDatabase(IResourceBuilder<PostgresProcessResource> server, string name)
    {
        var database = server.ApplicationBuilder
            .AddResource(new PostgresProcessDatabase(name, server.Resource))
            .WithInitialState(new() { ResourceType = "PostgresDatabase", Properties = [], State = KnownResourceStates.Waiting })
            .WithDatabaseCheck(name);
        // A database has no process: it runs when its server does.
        server.OnResourceReady(async (resource, ready, cancellationToken) =>
        {
            await PostgresQuery.CreateDatabaseAsync(resource, name, cancellationToken);
            await ShowAsync(ready.Services, KnownResourceStates.Running);
        });
        server.OnResourceStopped((_, stopped, _) => ShowAsync(stopped.Services, KnownResourceStates.Exited));
        return database;

        Task ShowAsync(IServiceProvider services, string state) =>
            services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(database.Resource, now => now with { State = state });
    }

    private static IResourceBuilder<T> WithDatabaseCheck<T>(this IResourceBuilder<T> builder, string database)
        where T : IResourceWithConnectionString
    {
        var check = $"{builder.Resource.Name}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks().AddAsyncCheck(check, async cancellationToken =>
            await PostgresQuery.FindFaultAsync(builder.Resource, database, cancellationToken) is { } fault
                ? HealthCheckResult.Unhealthy(fault)
                : HealthCheckResult.Healthy());
        return builder.WithHealthCheck(check);
    }
}

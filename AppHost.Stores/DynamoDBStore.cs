using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ProductAspire.Stores.DynamoDB;
using ProductAspire.Stores.Running;

namespace ProductAspire.Stores;

/// <summary>Adds a container with DynamoDB Local.</summary>
/// <param name="builder">The application.</param>
/// <param name="name">The name of the resource.</param>
/// <param name="dataFolder">The folder of this machine that keeps the data between runs, or null to start empty.</param>
/// <returns>The container, whose endpoint has the name <c>http</c>.</returns>
public delegate IResourceBuilder<ContainerResource> AddDynamoDBContainer(IDistributedApplicationBuilder builder, string name, string? dataFolder);

/// <summary>Adds a DynamoDB Local that runs with or without containers.</summary>
public static class DynamoDBStore
{
    private const string Endpoint = "http";
    private const string Image = "amazon/dynamodb-local";
    private const string Tag = "2.6.1";
    private const int ContainerPort = 8000;

    // The answer of DynamoDB to a request that is not signed.
    private const int StatusWithoutSignature = 400;

    /// <summary>Gets or sets how the container is added, where one is: by default from the image of AWS.</summary>
    public static AddDynamoDBContainer AddContainer { get; set; } = AddImage;

    /// <summary>
    /// Adds DynamoDB Local: a container where a container runtime answers, else a process on the machine's Java, fetched once by npm. It keeps its data
    /// between runs. Every credential and region sees the same tables. Published, it is nothing: the SDK finds the service itself.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the resource.</param>
    /// <returns>The store, to hand to <see cref="WithDynamoDB"/>.</returns>
    public static IResourceBuilder<IResourceWithEndpoints> AddDynamoDBStore(this IDistributedApplicationBuilder builder, string name)
    {
        if (builder.ExecutionContext.IsPublishMode)
        {
            return builder.AddResource(new DynamoDBProcessResource(name, "."))
                .WithHttpEndpoint(name: Endpoint)
                .ExcludeFromManifest();
        }

        var run = LocalRun.Of(builder);
        return run.Settings.UseContainers ? AddContainerOf(builder, run, name) : AddProcess(builder, run, name);
    }

    /// <summary>Tells a service where DynamoDB and its streams are, and lets it wait for them. When published, it does nothing.</summary>
    /// <param name="service">The service.</param>
    /// <param name="store">The store that <see cref="AddDynamoDBStore"/> has added.</param>
    /// <returns>The builder of the service.</returns>
    public static IResourceBuilder<T> WithDynamoDB<T>(this IResourceBuilder<T> service, IResourceBuilder<IResourceWithEndpoints> store)
        where T : IResourceWithEnvironment, IResourceWithWaitSupport
    {
        if (service.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            return service;
        }

        var endpoint = store.GetEndpoint(Endpoint);
        return service
            .WithEnvironment("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
            .WithEnvironment("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", endpoint)
            .WithEnvironment("AWS_REGION", "us-east-1")
            // DynamoDB Local takes any credentials, but the SDK does not sign without.
            .WithEnvironment("AWS_ACCESS_KEY_ID", "local")
            .WithEnvironment("AWS_SECRET_ACCESS_KEY", "local")
            .WithReferenceRelationship(store)
            .WaitFor(store);
    }

    private static IResourceBuilder<ContainerResource> AddContainerOf(IDistributedApplicationBuilder builder, LocalRun run, string name)
    {
        var folder = run.Settings.IsFresh || run.Settings.IsTemporary
            ? null
            : Directory.CreateDirectory(Path.Combine(run.Folder.Own, $"{name}-container")).FullName;
        return AddContainer(builder, name, folder)
            .WithEndpoint(Endpoint, endpoint =>
            {
                endpoint.Port = run.FreePort(name);
                endpoint.IsProxied = false;
            })
            .WithContainerRuntimeArgs("--user", "root") // or it cannot write to the folder
            .WithHttpHealthCheck("/", StatusWithoutSignature);
    }

    private static IResourceBuilder<ContainerResource> AddImage(IDistributedApplicationBuilder builder, string name, string? dataFolder)
    {
        string[] storage = dataFolder is null ? ["-inMemory"] : ["-dbPath", "/data"];
        var container = builder.AddContainer(name, Image, Tag)
            .WithHttpEndpoint(targetPort: ContainerPort, name: Endpoint)
            .WithArgs(["-jar", "DynamoDBLocal.jar", "-sharedDb", "-disableTelemetry", .. storage]);
        return dataFolder is null ? container : container.WithBindMount(dataFolder, "/data");
    }

    private static IResourceBuilder<DynamoDBProcessResource> AddProcess(IDistributedApplicationBuilder builder, LocalRun run, string name)
    {
        var process = new DynamoDBProcess(builder, run, name);
        var port = run.FreePort(name);
        var store = builder.AddResource(new DynamoDBProcessResource(name, process.Folder));
        run.Require(store.Resource, async cancellationToken =>
        {
            var problems = await process.FindProblemsAsync(cancellationToken);
            store.WithCommand(process.Java ?? "java");
            return problems;
        });
        return store
            .WithHttpEndpoint(port: port, name: Endpoint, isProxied: false)
            .WithArgs(context => process.AddArguments(context, port))
            .WithEnvironment("DDB_LOCAL_TELEMETRY", "0")
            .OnBeforeResourceStarted((resource, starting, cancellationToken) => process.PrepareAsync(resource, starting.Services, cancellationToken))
            .WithHttpHealthCheck("/", StatusWithoutSignature);
    }
}

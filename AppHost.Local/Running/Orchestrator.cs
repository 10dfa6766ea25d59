using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.AWS.DynamoDB;
using ProductAspire.Local.Stores;

namespace ProductAspire.Local.Running;

/// <summary>Starts the resources of the model, each when what it waits for is healthy, and stops them the other way round.</summary>
internal sealed class Orchestrator(RunContext context, IResourceCollection resources, ResourceNotificationService notifications)
    : IAsyncDisposable
{
    private readonly Ports ports = new();
    private readonly List<ResourceInstance> instances = [];
    private StateOwnership? ownership;
    private int nameWidth;

    public ResourceNotificationService Notifications { get; } = notifications;

    public IReadOnlyList<ResourceInstance> Instances => instances;

    /// <summary>How often a healthy resource is asked again: seldom, as each time is in its log; a test wants to know soon.</summary>
    public TimeSpan HealthyInterval { get; } = TimeSpan.FromSeconds(context.IsTest ? 1 : 30);

    public ProcessRecord Record { get; } = new(context.State.Own);

    /// <summary>Sees to all that the resources need. Nothing is started yet.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (context.Builder.ExecutionContext.IsPublishMode)
        {
            throw new DistributedApplicationException("Publishing needs Aspire itself: dotnet run --project AppHost -p:Aspire=true -- …");
        }

        Notifications.DescribeFailure = id => Describe(instances.Single(instance => instance.Id == id));
        var launchers = resources.Where(resource => resource is not ParameterResource).ToDictionary(resource => resource, LauncherOf);
        var missing = await Task.WhenAll(launchers.Values.Select(launcher => launcher.FindMissingAsync(cancellationToken)));
        if (missing.SelectMany(lines => lines).Distinct().ToList() is { Count: > 0 } lines)
        {
            throw new DistributedApplicationException(string.Join(Environment.NewLine, lines));
        }

        ownership = await StateOwnership.TakeAsync(context, Record, cancellationToken);
        new PortPlan(context, ports).Allocate(resources);
        foreach (var launcher in launchers.Values)
        {
            await launcher.InstallAsync(cancellationToken);
        }

        foreach (var (resource, launcher) in launchers)
        {
            AddInstances(resource, launcher);
        }

        nameWidth = instances.Max(instance => instance.Id.Length);
    }

    public Task StartAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(instances.Select(instance => instance.StartAsync(cancellationToken)));

    public IReadOnlyList<ResourceInstance> Find(string nameOrId) =>
    [
        .. instances.Where(instance =>
            string.Equals(instance.Id, nameOrId, StringComparison.OrdinalIgnoreCase) ||
            string.Equals(instance.Resource.Name, nameOrId, StringComparison.OrdinalIgnoreCase)),
    ];

    /// <summary>Returns when all that this one waits for is healthy; throws if that can no longer become so.</summary>
    public async Task WaitForDependenciesAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        foreach (var dependency in Dependencies.Of(instance.Resource))
        {
            try
            {
                await Notifications.WaitForResourceHealthyAsync(dependency.Name, cancellationToken);
            }
            catch (DistributedApplicationException)
            {
                throw new DistributedApplicationException($"'{instance.Id}' waits for '{dependency.Name}', which has ended.");
            }
        }
    }

    public void Show(ResourceInstance instance, string line)
    {
        if (!context.IsTest)
        {
            ConsoleLog.Write(instance.Id, nameWidth, instances.IndexOf(instance), line);
        }
    }

    /// <summary>A resource that runs has become healthy or unhealthy, or is still not healthy.</summary>
    public void HealthIs(ResourceInstance instance, string what) => context.Say(ConsoleLog.Bad($"'{instance.Id}' {what}"));

    /// <summary>Nothing is restarted behind the user's back. A start that failed while others wait for it ends the run.</summary>
    public void Failed(ResourceInstance instance, bool wasHealthy)
    {
        context.Say(ConsoleLog.Bad(Describe(instance)));
        var isAwaited = instances.Any(other => Dependencies.Of(other.Resource).Contains(instance.Resource));
        if (!wasHealthy && isAwaited && !context.IsTest)
        {
            Environment.ExitCode = 1;
            context.StopApplication();
        }
    }

    /// <summary>Services first, each before what it waits for; the stores last.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var wave in instances.GroupBy(instance => Dependencies.Depth(instance.Resource)).OrderByDescending(wave => wave.Key))
        {
            await Task.WhenAll(wave.Select(instance => instance.StopAsync(cancellationToken)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        foreach (var instance in instances)
        {
            await instance.DisposeAsync();
        }

        instances.Clear();
        ports.Dispose();
        ownership?.Dispose();
    }

    private void AddInstances(IResource resource, ILauncher launcher)
    {
        var replicas = resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;
        for (var number = 0; number < replicas; number++)
        {
            var instance = new ResourceInstance(
                this, resource, launcher, replicas == 1 ? resource.Name : $"{resource.Name}-{number + 1}", number);
            if (number > 0)
            {
                foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
                {
                    instance.OwnUrls[endpoint.Name] = $"{endpoint.UriScheme}://{endpoint.TargetHost}:{ports.TakeFree()}";
                }
            }

            instances.Add(instance);
        }
    }

    private ILauncher LauncherOf(IResource resource) => resource switch
    {
        ProjectResource project => new ProjectLauncher(project, context),
        PostgresServerResource postgres => new PostgresLauncher(postgres, context),
        PostgresDatabaseResource database => new DatabaseLauncher(database),
        DynamoDBLocalResource dynamodb => new DynamoDBLauncher(dynamodb, context),
        _ => throw new DistributedApplicationException($"'{resource.Name}' cannot be run without Aspire ({resource.GetType().Name})."),
    };

    private static string Describe(ResourceInstance instance)
    {
        var how = instance.Snapshot.ExitCode is { } code ? $"ended with exit code {code}" : "did not start";
        var lines = string.Concat(instance.LastLines(20).Select(line => $"{Environment.NewLine}  {line}"));
        return $"'{instance.Id}' {how}.{(lines.Length > 0 ? " Its last lines:" : "")}{lines}";
    }
}

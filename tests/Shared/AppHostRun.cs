using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AppHostRuns;

/// <summary>Runs the application by its own AppHost, on free ports and with stores that go with the run.</summary>
internal static class AppHostRun
{
    // These programs only stand before the one that is meant: `dotnet run` before a service, a shell before Postgres.
    private static readonly string[] Launchers = ["dotnet", "sh"];

    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        IEnumerable<string> arguments, CancellationToken cancellationToken, bool withDashboard = false)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--Stores:Temporary=true", .. arguments], (options, _) => options.DisableDashboard = !withDashboard, cancellationToken);
        if (!withDashboard)
        {
            // Nothing takes the telemetry then, and a service that ends would try for ten seconds to get rid of it.
            foreach (var service in builder.Resources.OfType<ProjectResource>())
            {
                builder.CreateResourceBuilder(service).WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", "");
            }
        }

        return builder;
    }

    /// <summary>Waits until all services are healthy, and with them the stores.</summary>
    public static async Task WaitUntilHealthyAsync(this DistributedApplication app, CancellationToken cancellationToken)
    {
        foreach (var service in app.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<ProjectResource>())
        {
            await app.ResourceNotifications.WaitForResourceHealthyAsync(service.Name, cancellationToken);
        }
    }

    /// <summary>Returns the process of a resource, or of one replica by its id.</summary>
    public static int ProcessOf(this DistributedApplication app, string resource) =>
        app.FindProcessOf(resource) ?? throw new InvalidOperationException($"The resource {resource} has no process.");

    /// <summary>Returns the process of a resource, or of one replica by its id; null if there is none, or none yet.</summary>
    public static int? FindProcessOf(this DistributedApplication app, string resource)
    {
        if (!app.ResourceNotifications.TryGetCurrentState(resource, out var now)
            || now.Snapshot.Properties.SingleOrDefault(property => property.Name == "executable.pid")?.Value is not { } id)
        {
            return null;
        }

        var launched = Convert.ToInt32(id, CultureInfo.InvariantCulture);
        try
        {
            using var process = Process.GetProcessById(launched);
            // A launcher has children of its own before it starts the program.
            return !Launchers.Contains(process.ProcessName) ? launched
                : ProcessTree.ChildrenOf(launched).Cast<int?>().FirstOrDefault(child => ProcessTree.NameOf(child!.Value) is { Length: > 0 } name && !Launchers.Contains(name));
        }
        catch (ArgumentException)
        {
            return null; // It has ended.
        }
    }

    /// <summary>Returns the memory that the process of a resource holds, in MB: now, and at most since it started.</summary>
    public static (double Now, double Peak) MemoryOf(this DistributedApplication app, string resource)
    {
        using var process = Process.GetProcessById(app.ProcessOf(resource));
        return (process.WorkingSet64 / (1024.0 * 1024), process.PeakWorkingSet64 / (1024.0 * 1024));
    }

    /// <summary>Returns the ids of the replicas of a resource.</summary>
    public static async Task<IReadOnlyList<string>> ReplicasAsync(
        this DistributedApplication app, string resource, int count, CancellationToken cancellationToken)
    {
        var ids = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var change in app.ResourceNotifications.WatchAsync(cancellationToken))
        {
            if (change.Resource.Name == resource && ids.Add(change.ResourceId) && ids.Count == count)
            {
                break;
            }
        }

        return [.. ids];
    }

    /// <summary>Returns the lines that a resource has written to the console.</summary>
    public static async Task<IReadOnlyList<string>> LinesOfAsync(this DistributedApplication app, string resource)
    {
        if (!app.ResourceNotifications.TryGetCurrentState(resource, out var now))
        {
            return [];
        }

        var lines = new List<string>();
        await foreach (var batch in app.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(now.ResourceId))
        {
            lines.AddRange(batch.Select(line => line.Content));
        }

        return lines;
    }

    /// <summary>Executes a command of a resource.</summary>
    /// <exception cref="InvalidOperationException">The command failed.</exception>
    public static async Task ExecuteAsync(this DistributedApplication app, string resource, string command, CancellationToken cancellationToken)
    {
        var result = await app.ResourceCommands.ExecuteCommandAsync(resource, command, cancellationToken);
        if (!result.Success)
        {
            throw new InvalidOperationException($"{command} of {resource} failed: {result.Message}");
        }
    }
}

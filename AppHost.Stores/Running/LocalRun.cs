using System.Runtime.CompilerServices;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProductAspire.Stores.Machine;

namespace ProductAspire.Stores.Running;

/// <summary>
/// One run of an AppHost on this machine: its settings, its folders and its ports. Before anything starts it collects all that stands in the way, so
/// that a user reads of everything at once.
/// </summary>
internal sealed class LocalRun : IDisposable
{
    private static readonly ConditionalWeakTable<IDistributedApplicationBuilder, LocalRun> Runs = [];

    private readonly Ports ports = new();
    private readonly List<(IResource? Resource, Func<CancellationToken, Task<IReadOnlyList<string>>> FindProblemsAsync)> requirements = [];
    private RunOwnership? ownership;

    private LocalRun(IDistributedApplicationBuilder builder)
    {
        Settings = StoreSettings.Read(builder);
        Folder = new StateFolder(Settings);
        Require(null, Settings.Problem is { } problem ? [problem] : []);
        builder.Services.AddSingleton(_ => this);
        PatientCheck.AddTo(builder.Services);
        builder.Eventing.Subscribe<BeforeStartEvent>(BeforeStartAsync);
    }

    public StoreSettings Settings { get; }

    public StateFolder Folder { get; }

    /// <summary>Returns the run of an AppHost; the first call makes it.</summary>
    public static LocalRun Of(IDistributedApplicationBuilder builder) => Runs.GetValue(builder, key => new LocalRun(key));

    /// <summary>Returns a free port for an endpoint: the same as in the last run if that is free.</summary>
    public int FreePort(string endpoint) => ports.TakeFree(Settings.IsTemporary ? null : $"{Folder.Own}/{endpoint}");

    /// <summary>Adds a check that runs before anything starts. The start is refused if it returns problems.</summary>
    public void Require(IResource? resource, Func<CancellationToken, Task<IReadOnlyList<string>>> findProblemsAsync) =>
        requirements.Add((resource, findProblemsAsync));

    /// <summary>Adds problems that are known already.</summary>
    public void Require(IResource? resource, IReadOnlyList<string> problems) => Require(resource, _ => Task.FromResult(problems));

    public static void Say(string line) => Console.Out.WriteLine(line);

    public void Dispose()
    {
        ownership?.Dispose();
        Folder.Remove();
        ports.Dispose();
    }

    private async Task BeforeStartAsync(BeforeStartEvent start, CancellationToken cancellationToken)
    {
        _ = start.Services.GetRequiredService<LocalRun>(); // From here on the container disposes of it.
        StateFolder.RemoveAbandoned();
        var endpoints = FixedPorts.Of(start.Model, start.Services, Settings.IsTemporary).ToList();
        ownership = await RunOwnership.TakeAsync(Folder, [.. endpoints.Select(endpoint => endpoint.Port)], Say, cancellationToken);
        var problems = new List<string>();
        foreach (var (resource, findProblemsAsync) in requirements)
        {
            var found = await findProblemsAsync(cancellationToken);
            problems.AddRange(found);
            if (resource is not null && found.Count > 0)
            {
                start.Services.GetRequiredService<ResourceLoggerService>().GetLogger(resource).LogError("{Problems}", string.Join(Environment.NewLine, found));
            }
        }

        problems.AddRange(endpoints.Where(endpoint => !Ports.IsFree(endpoint.Port)).Select(endpoint => endpoint.Problem));
        if (problems.Count > 0)
        {
            ownership.Dispose();
            throw new DistributedApplicationException(string.Join(Environment.NewLine, problems));
        }
    }
}

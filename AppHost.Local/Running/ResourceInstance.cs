using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ProductAspire.Local.Running;

/// <summary>One running (or not running) copy of a resource: its process, its state, its last lines.</summary>
internal sealed class ResourceInstance : IAsyncDisposable
{
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PatienceWithPassingFaults = TimeSpan.FromSeconds(20);

    private readonly Orchestrator orchestrator;
    private readonly ILauncher launcher;
    private readonly HealthWatch health;
    private readonly SemaphoreSlim commands = new(1);
    private readonly LogTail tail = new();
    private ChildProcess? process;
    private CancellationTokenSource? life;
    private Task running = Task.CompletedTask;
    private CustomResourceSnapshot snapshot;

    public ResourceInstance(Orchestrator orchestrator, IResource resource, ILauncher launcher, string id, int number)
    {
        this.orchestrator = orchestrator;
        this.launcher = launcher;
        Resource = resource;
        Id = id;
        Number = number;
        health = new(this, launcher, orchestrator, now => Publish(known => known with { HealthStatus = now }));
        snapshot = new() { ResourceType = resource.GetType().Name, Properties = [], State = KnownResourceStates.NotStarted };
    }

    public IResource Resource { get; }

    /// <summary>The name of the resource; for one of several replicas, with its number.</summary>
    public string Id { get; }

    public int Number { get; }

    /// <summary>Where a replica after the first listens; the endpoints of the resource speak of the first.</summary>
    public Dictionary<string, string> OwnUrls { get; } = [];

    public ILauncher Launcher => launcher;

    public IEnumerable<string> Urls => Endpoints.Select(UrlOf);

    public CustomResourceSnapshot Snapshot => snapshot;

    private IEnumerable<string> Endpoints =>
        Resource.Annotations.OfType<EndpointAnnotation>().Where(one => one.AllocatedEndpoint is not null).Select(one => one.Name);

    public bool IsHealthy => snapshot.HealthStatus == HealthStatus.Healthy;

    public bool HasEnded => snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text);

    public string UrlOf(string endpoint) =>
        OwnUrls.TryGetValue(endpoint, out var own) ? own : new EndpointReference((IResourceWithEndpoints)Resource, endpoint).Url;

    public IReadOnlyList<string> LastLines(int count) => tail.Last(count);

    public LogLines LinesAfter(long count) => tail.After(count);

    /// <summary>Starts it once all it waits for is healthy, and returns at once: the state tells how it went.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await commands.WaitAsync(cancellationToken);
        try
        {
            if (!running.IsCompleted && !HasEnded)
            {
                return;
            }

            await running; // It may have told that it has ended a moment before it has.
            life?.Dispose();
            life = new();
            Publish(now => now with { State = KnownResourceStates.Waiting, ExitCode = null, HealthStatus = null });
            running = Task.Run(() => LiveAsync(life.Token), CancellationToken.None);
        }
        finally
        {
            commands.Release();
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await commands.WaitAsync(cancellationToken);
        try
        {
            if (running.IsCompleted)
            {
                return;
            }

            Publish(now => now with { State = KnownResourceStates.Stopping, HealthStatus = null });
            await life!.CancelAsync();
            await running;
        }
        finally
        {
            commands.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        life?.Dispose();
        commands.Dispose();
    }

    /// <summary>From waiting to the end of the process, whatever ends it.</summary>
    private async Task LiveAsync(CancellationToken stop)
    {
        try
        {
            await orchestrator.WaitForDependenciesAsync(this, stop);
            var giveUp = Stopwatch.StartNew();
            while (await RunOnceAsync(stop) is var code)
            {
                var passing = code != 0 && launcher.IsPassing(tail.Last(20)) && giveUp.Elapsed < PatienceWithPassingFaults;
                if (stop.IsCancellationRequested || !passing)
                {
                    Ended(KnownResourceStates.Exited, code, stop.IsCancellationRequested);
                    return;
                }

                await Task.Delay(BetweenAttempts, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Ended(KnownResourceStates.Exited, null, asked: true);
        }
        catch (Exception e)
        {
            tail.Add(e is DistributedApplicationException ? e.Message : e.ToString());
            Ended(KnownResourceStates.FailedToStart, null, asked: false);
        }
    }

    private async Task<int> RunOnceAsync(CancellationToken stop)
    {
        Publish(now => now with { State = KnownResourceStates.Starting, HealthStatus = HealthStatus.Unhealthy });
        var spec = await launcher.PrepareAsync(this, stop);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (spec is null)
        {
            Publish(now => now with { State = KnownResourceStates.Running, StartTimeStamp = DateTime.UtcNow });
            await health.RunAsync(watching.Token);
            return 0;
        }

        process = ChildProcess.Start(spec, line =>
        {
            tail.Add(line);
            orchestrator.Show(this, line);
        });
        orchestrator.Record.Add(Id, process.Pid, spec.Signal);
        Publish(now => now with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = DateTime.UtcNow,
            StopTimeStamp = null,
            Properties = [new("executable.path", spec.FileName), new("executable.pid", process.Pid)],
            EnvironmentVariables = [.. spec.Environment.Select(one => new EnvironmentVariableSnapshot(one.Key, one.Value, true))],
            Urls = [.. Endpoints.Select(Shown)],
        });
        var watch = health.RunAsync(watching.Token);
        await Task.WhenAny(process.Completion, watch, Task.Delay(Timeout.Infinite, stop));
        await watching.CancelAsync();
        if (!process.Completion.IsCompleted)
        {
            await process.StopAsync();
        }

        await watch;
        orchestrator.Record.Remove(Id);
        return await process.Completion;
    }

    private UrlSnapshot Shown(string endpoint)
    {
        var shown = new ResourceUrlAnnotation { Url = UrlOf(endpoint) };
        foreach (var how in Resource.Annotations.OfType<EndpointUrlAnnotation>().Where(how => how.EndpointName == endpoint))
        {
            how.Callback(shown);
        }

        return new(endpoint, shown.Url, false) { DisplayProperties = new(shown.DisplayText ?? "") };
    }

    private void Ended(string state, int? code, bool asked)
    {
        var wasHealthy = IsHealthy;
        Publish(now => now with { State = state, ExitCode = code, HealthStatus = null, StopTimeStamp = DateTime.UtcNow });
        if (!asked)
        {
            orchestrator.Failed(this, wasHealthy);
        }
    }

    private void Publish(Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        lock (tail)
        {
            snapshot = change(snapshot);
            orchestrator.Notifications.Publish(new(Resource, Id, snapshot));
        }
    }
}

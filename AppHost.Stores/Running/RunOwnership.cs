using System.Text.Json;
using Aspire.Hosting;
using ProductAspire.Stores.Machine;

namespace ProductAspire.Stores.Running;

/// <summary>
/// Makes the folder this run's own: a second run on the same data is refused. A run that was killed leaves its record behind; the next one then waits
/// until the orchestrator has ended the processes of that run.
/// </summary>
internal sealed class RunOwnership : IDisposable
{
    // The orchestrator ends all within seconds of the death of its AppHost.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly string record;
    private readonly FileLock held;

    private RunOwnership(string record, FileLock held)
    {
        this.record = record;
        this.held = held;
    }

    public static async Task<RunOwnership> TakeAsync(
        StateFolder folder, IReadOnlyCollection<int> ports, Action<string> say, CancellationToken cancellationToken)
    {
        folder.Create();
        var held = FileLock.TryTake(Path.Combine(folder.Own, "run.lock")) ?? throw new DistributedApplicationException(
            $"The application already runs on the data in {folder.Own}, or these belong to another user. Stop that run first.");
        var ownership = new RunOwnership(Path.Combine(folder.Own, "run.json"), held);
        await ownership.WaitForKilledRunAsync(say, cancellationToken);
        await File.WriteAllTextAsync(ownership.record, JsonSerializer.Serialize(ports), cancellationToken);
        return ownership;
    }

    public void Dispose()
    {
        File.Delete(record);
        held.Dispose();
    }

    private async Task WaitForKilledRunAsync(Action<string> say, CancellationToken cancellationToken)
    {
        var ports = PortsOfKilledRun().Where(port => !Ports.IsFree(port)).ToList();
        if (ports.Count == 0)
        {
            return;
        }

        say("An earlier run was killed. Waiting until its processes have ended …");
        var started = TimeProvider.System.GetTimestamp();
        while (ports.Any(port => !Ports.IsFree(port)) && TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            await Task.Delay(BetweenLooks, cancellationToken);
        }
    }

    private int[] PortsOfKilledRun()
    {
        try
        {
            return File.Exists(record) ? JsonSerializer.Deserialize<int[]>(File.ReadAllText(record)) ?? [] : [];
        }
        catch (JsonException)
        {
            return []; // The run was killed while it wrote the file.
        }
    }
}

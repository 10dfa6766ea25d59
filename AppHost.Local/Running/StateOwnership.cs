using Aspire.Hosting;

namespace ProductAspire.Local.Running;

/// <summary>Makes the state this run's own: no other run uses it, and nothing of an earlier one is left running on it.</summary>
internal sealed class StateOwnership : IDisposable
{
    private const string LockFile = "run.lock";

    private readonly StateFolder state;
    private readonly RunLock held;

    private StateOwnership(StateFolder state, RunLock held)
    {
        this.state = state;
        this.held = held;
    }

    public static async Task<StateOwnership> TakeAsync(RunContext context, ProcessRecord record, CancellationToken cancellationToken)
    {
        var state = context.State;
        state.Create();
        var held = RunLock.TryTake(Path.Combine(state.Own, LockFile)) ?? throw new DistributedApplicationException(
            $"This application is running already on the data in {state.Own}, or that belongs to another user. Stop that run first.");
        foreach (var name in await record.EndLeftoversAsync(cancellationToken))
        {
            context.Say($"Ended '{name}', which an earlier run had left behind.");
        }

        foreach (var folder in state.Abandoned())
        {
            using var taken = RunLock.TryTake(Path.Combine(folder, LockFile));
            if (taken is not null)
            {
                await new ProcessRecord(folder).EndLeftoversAsync(cancellationToken);
                StateFolder.TryDelete(folder);
            }
        }

        return new(state, held);
    }

    public void Dispose()
    {
        held.Dispose();
        state.Remove();
    }
}

using System.Collections.Concurrent;
using Cqrs.Tables;

namespace Cqrs.CommandLog;

/// <summary>
/// Wakes readers that wait for the next poll when commands were stored. It is only a hint: a lost one costs one poll interval.
/// </summary>
public sealed class CommandSignal
{
    private readonly ConcurrentDictionary<string, State> _modules = new();

    /// <summary>Wakes the readers of a module.</summary>
    public void Pulse(string module) => Of(module).Pulse();

    /// <summary>Returns how many pulses there were: take it before reading, so that a pulse during the read is not missed.</summary>
    public long Count(string module) => Of(module).Count;

    /// <summary>Waits for a pulse after <paramref name="seen"/>, at most for <paramref name="timeout"/>.</summary>
    public Task WaitAsync(string module, long seen, TimeSpan timeout, CancellationToken cancellationToken) =>
        Of(module).WaitAsync(seen, timeout, cancellationToken);

    private State Of(string module) => _modules.GetOrAdd(module, _ => new State());

    private sealed class State
    {
        private readonly Lock _lock = new();
        private TaskCompletionSource _next = New();

        public long Count { get; private set; }

        public void Pulse()
        {
            TaskCompletionSource pulsed;
            lock (_lock)
            {
                Count++;
                (pulsed, _next) = (_next, New());
            }

            pulsed.SetResult();
        }

        public async Task WaitAsync(long seen, TimeSpan timeout, CancellationToken cancellationToken)
        {
            Task next;
            lock (_lock)
            {
                next = Count > seen ? Task.CompletedTask : _next.Task;
            }

            await Task.WhenAny(next, Task.Delay(timeout, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>Tells the workers that a command was stored, without waiting and without failing.</summary>
public interface ICommandHint
{
    /// <summary>A command of <paramref name="module"/> was stored.</summary>
    void CommandStored(CqrsModule module);
}

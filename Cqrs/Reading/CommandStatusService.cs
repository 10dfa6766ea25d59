using System.Collections.Concurrent;
using System.Diagnostics;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Publishing;

namespace Cqrs.Reading;

/// <summary>The status of a command.</summary>
public enum CommandStatus
{
    /// <summary>A read model does not show it yet.</summary>
    Pending,

    /// <summary>Every read model shows it, or a later version, or the item has expired.</summary>
    Finished,

    /// <summary>A handler could not apply it; the command says why.</summary>
    Failed,
}

/// <summary>
/// Returns the status of commands. It is computed from the versions that the read models have; nothing is written for it. All waiting callers share one query
/// per round.
/// </summary>
public sealed class CommandStatusService
{
    private static readonly TimeSpan FirstRound = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LaterRounds = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan BetweenLooksForFailures = TimeSpan.FromMilliseconds(700);

    private readonly CommandStore _commands;
    private readonly CurrentStates _currentStates;
    private readonly DataService _data;
    private readonly Projector _projector;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<Waiter, byte> _waiting = new();
    private readonly SemaphoreSlim _round = new(1, 1);

    internal CommandStatusService(CommandStore commands, CurrentStates currentStates, DataService data, Projector projector, TimeProvider time)
    {
        _commands = commands;
        _currentStates = currentStates;
        _data = data;
        _projector = projector;
        _time = time;
    }

    /// <summary>Returns a command and how far it has come; null if there is no such command.</summary>
    /// <param name="key">The item.</param>
    /// <param name="version">The version.</param>
    /// <param name="wait">How long to wait at most while it is pending: neither finished nor failed.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<(CommandModel Command, CommandStatus Status)?> GetAsync(
        ItemKey key, long version, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        if (version < 1 || await _commands.GetAsync(key, version, cancellationToken) is not { } command)
        {
            return null;
        }

        var asked = new KeyVersion(key, version);
        if (await IsFinishedAsync(asked, TimeSpan.Zero, cancellationToken)
            || (command.FailedReason is null && (await IsExpiredAsync(key, cancellationToken)
                || (wait > TimeSpan.Zero && await IsFinishedAsync(asked, wait, cancellationToken)))))
        {
            return (command, CommandStatus.Finished);
        }

        // The command may have been marked as failed during the wait.
        command = command.FailedReason is null && wait > TimeSpan.Zero ? await _commands.GetAsync(key, version, cancellationToken) ?? command : command;
        return (command, command.FailedReason is null ? CommandStatus.Pending : CommandStatus.Failed);
    }

    /// <summary>
    /// Returns the commands that a read model does not show yet, in their order, with one query to each handler. The data table is queried only if there is
    /// no handler, because a handler gets a command after the data table has it.
    /// </summary>
    /// <param name="commands">The commands.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    public async Task<IReadOnlyList<KeyVersion>> FindPendingAsync(
        IReadOnlyCollection<KeyVersion> commands, CancellationToken cancellationToken = default)
    {
        var targets = await AppliedAsync([.. commands.Select(command => command.Key).Distinct()], _projector.Handlers.Count == 0, cancellationToken);
        return [.. commands.Where(command => !IsShown(command, targets))];
    }

    private static bool IsShown(KeyVersion command, IEnumerable<IReadOnlyDictionary<ItemKey, long>> targets) =>
        targets.All(target => target.GetValueOrDefault(command.Key) >= command.Version);

    private async Task<List<IReadOnlyDictionary<ItemKey, long>>> AppliedAsync(
        IReadOnlyCollection<ItemKey> keys, bool withData, CancellationToken cancellationToken)
    {
        List<IReadOnlyDictionary<ItemKey, long>> targets = withData ? [await _data.GetVersionsAsync(keys, cancellationToken)] : [];
        foreach (var handler in _projector.Handlers)
        {
            targets.Add(await handler.GetAppliedVersionsAsync(keys, cancellationToken));
        }

        return targets;
    }

    // An expired item is removed from the read models. So nobody waits for it.
    private async Task<bool> IsExpiredAsync(ItemKey key, CancellationToken cancellationToken) =>
        (await _currentStates.NewestAsync(key, atLeast: 0, cancellationToken)).Newest is { } newest && newest.IsExpired(_time.GetUtcNow());

    private async Task<bool> IsFinishedAsync(KeyVersion version, TimeSpan wait, CancellationToken cancellationToken)
    {
        var deadline = DateTimeOffset.UtcNow + wait;
        var waiter = new Waiter(version);
        _waiting[waiter] = 0;
        try
        {
            for (var pause = FirstRound; ; pause = pause * 2 < LaterRounds ? pause * 2 : LaterRounds)
            {
                await AskAsync(waiter, cancellationToken);
                var left = deadline - DateTimeOffset.UtcNow;
                if (waiter.IsFinished || waiter.HasFailed || left <= TimeSpan.Zero)
                {
                    return waiter.IsFinished;
                }

                await Task.Delay(left < pause ? left : pause, cancellationToken);
            }
        }
        finally
        {
            _waiting.TryRemove(waiter, out _);
        }
    }

    // The first caller queries for all waiting callers. The others find the answer, or query in the next round.
    private async Task AskAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        var roundsBefore = waiter.Rounds;
        await _round.WaitAsync(cancellationToken);
        try
        {
            if (waiter.IsFinished || waiter.Rounds > roundsBefore)
            {
                return;
            }

            var waiting = _waiting.Keys.ToList();
            var targets = await AppliedAsync([.. waiting.Select(w => w.Version.Key).Distinct()], withData: true, cancellationToken);
            foreach (var asked in waiting)
            {
                asked.Rounds++;
                asked.IsFinished |= IsShown(asked.Version, targets);
            }

            await LookForFailuresAsync(waiting, cancellationToken);
        }
        finally
        {
            _round.Release();
        }
    }

    // Failures are rare, and are marked on the commands. They are looked up only now and then, for callers that wait longer.
    private async Task LookForFailuresAsync(IEnumerable<Waiter> waiting, CancellationToken cancellationToken)
    {
        var due = waiting.Where(waiter => !waiter.IsFinished && waiter.SinceLook.Elapsed >= BetweenLooksForFailures).ToList();
        var failed = await _commands.FindFailedAsync(due.Select(waiter => waiter.Version).Distinct(), cancellationToken);
        foreach (var waiter in due)
        {
            waiter.HasFailed = failed.Contains(waiter.Version);
            waiter.SinceLook.Restart();
        }
    }

    private sealed class Waiter(KeyVersion version)
    {
        public KeyVersion Version => version;

        public Stopwatch SinceLook { get; } = Stopwatch.StartNew();

        public bool HasFailed { get; set; }

        public int Rounds { get; set; }

        public bool IsFinished { get; set; }
    }
}

using System.Collections.Concurrent;
using Cqrs.Items;
using Microsoft.Extensions.Logging;

namespace Cqrs.Projection;

/// <summary>
/// Applies commands that are in the data table to the targets of a module's handlers. A command that keeps failing in a handler is parked, and the others
/// go on. The fault of a whole store is thrown, and no command is parked.
/// </summary>
internal sealed partial class HandlerProjection(
    IReadOnlyList<IDataSyncHandler> handlers, Attempts attempts, FaultJudge judge, ILogger<HandlerProjection> logger)
{
    private static readonly TimeSpan SyncHandlerTimeout = TimeSpan.FromSeconds(10);

    public IReadOnlyList<IDataSyncHandler> Handlers => handlers;

    /// <summary>
    /// Applies commands that are in the data table to every handler. The data table may have a version that a handler has not seen, so each handler gets
    /// all commands. Commands that all handlers have are announced as finished.
    /// </summary>
    public async Task ApplyAsync(IReadOnlyList<CommandModel> applied, string? position, CancellationToken cancellationToken)
    {
        var refused = new ConcurrentDictionary<(string, string), byte>();
        await Task.WhenAll(handlers.Select(handler => ApplyAsync(
            handler, applied, some => UpAsync(handler, some, cancellationToken), position, refused, cancellationToken)));
        if (handlers.Count > 1)
        {
            await AnnounceAsync([.. applied.Where(command => !refused.ContainsKey((command.Pk, command.Sk)))], position, cancellationToken);
        }
    }

    private Task ApplyAsync(
        IDataSyncHandler handler,
        IReadOnlyList<CommandModel> commands,
        Func<IReadOnlyList<CommandModel>, Task> apply,
        string? position,
        ConcurrentDictionary<(string Pk, string Sk), byte> refused,
        CancellationToken cancellationToken) => FaultIsolation.ApplyAsync(
            commands,
            some => judge.ApplyAsync(handler, some, () => apply(some), isLastWord: false, cancellationToken),
            async (command, failure) =>
            {
                if (!await attempts.RetryOrParkAsync(
                    handler.Name,
                    command,
                    failure,
                    isLast => judge.ApplyAsync(handler, [command], () => apply([command]), isLast, cancellationToken),
                    handler.IsCritical(JudgedFault.Unwrap(failure)),
                    position,
                    cancellationToken))
                {
                    refused[(command.Pk, command.Sk)] = 0;
                }
            },
            cancellationToken);

    // A single handler announces at once. One of several handlers must wait for the others.
    private Task UpAsync(IDataSyncHandler handler, IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken) =>
        handlers.Count == 1 ? handler.UpAsync(commands, cancellationToken) : handler.UpUnannouncedAsync(commands, cancellationToken);

    // The handler writes no second event for the same version.
    private Task AnnounceAsync(IReadOnlyList<CommandModel> commands, string? position, CancellationToken cancellationToken) =>
        Task.WhenAll(handlers.Where(handler => handler.AnnouncesFinished).Select(handler => ApplyAsync(
            handler, commands, some => handler.UpAsync(some, cancellationToken), position, new(), cancellationToken)));

    /// <summary>Hands commands to one handler again, and has told of those that every target has then.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="commands">The commands.</param>
    /// <param name="findMissing">Which of them a target does not have.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="Exception">The handler has failed.</exception>
    public async Task ApplyAsync(
        IDataSyncHandler handler,
        IReadOnlyList<CommandModel> commands,
        Func<Task<List<CommandModel>>> findMissing,
        CancellationToken cancellationToken)
    {
        await judge.ApplyAsync(handler, commands, () => UpAsync(handler, commands, cancellationToken), isLastWord: false, cancellationToken);
        if (handlers.Count > 1)
        {
            await AnnounceAsync([.. commands.Except(await findMissing())], null, cancellationToken);
        }
    }

    /// <summary>Hands commands that are in the data table to the handlers, for a caller who waits.</summary>
    /// <returns>Whether every handler applied them. If not, they come again with the stream.</returns>
    public async Task<bool> TryHandleNowAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(SyncHandlerTimeout);
        // The handler that announces FINISHED comes last.
        foreach (var handler in handlers.OrderBy(handler => handler.AnnouncesFinished))
        {
            try
            {
                // A handler whose store hangs may take long to notice the cancellation. It is not waited for.
                await handler.UpAsync(commands, timeout.Token).WaitAsync(timeout.Token);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogLeftToStream(exception, handler.Name, commands[^1].Id, commands[^1].Version);
                return false;
            }
        }

        return true;
    }

    /// <summary>Brings back what the data table says into the handlers' targets. What a handler refuses is parked.</summary>
    /// <param name="items">Newest states, one for each item.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The items that a handler refused, with the handler.</returns>
    public async Task<IReadOnlyCollection<(IDataSyncHandler Handler, ItemKey Key)>> ResyncAsync(
        IReadOnlyList<DataModel> items, CancellationToken cancellationToken)
    {
        var states = items.ToDictionary(item => item.Id);
        var commands = items.Select(item => item.ToCommand()).ToList();
        var refusals = new List<(IDataSyncHandler Handler, ItemKey Key)>();
        foreach (var handler in handlers)
        {
            var refused = new ConcurrentDictionary<(string Pk, string Sk), byte>();
            await ApplyAsync(
                handler,
                commands,
                some => handler.ResyncAsync([.. some.Select(command => states[command.Id])], cancellationToken),
                null,
                refused,
                cancellationToken);
            refusals.AddRange(commands.Where(command => refused.ContainsKey((command.Pk, command.Sk))).Select(command => (handler, command.Key)));
        }

        await AnnounceAsync([.. commands.Where(command => refusals.All(refusal => refusal.Key != command.Key))], null, cancellationToken);
        return refusals;
    }

    /// <summary>Takes items out of the target of a handler.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="items">The items.</param>
    /// <param name="isLastWord">Whether they are left there if this fails.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task TakeDownAsync(IDataSyncHandler handler, IReadOnlyList<KeyVersion> items, bool isLastWord, CancellationToken cancellationToken) => items.Count == 0
        ? Task.CompletedTask
        : judge.CallAsync(handler, [.. items.Select(item => item.Key)], () => handler.DownAsync(items, cancellationToken), isLastWord, cancellationToken);

    [LoggerMessage(LogLevel.Warning, "{Handler} could not apply {Id} version {Version} at once; the stream will.")]
    private partial void LogLeftToStream(Exception exception, string handler, string id, long version);
}

using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Cqrs.Projection;

/// <summary>Projects a module's commands into every read model: history, data, and the targets of the module's handlers.</summary>
internal sealed partial class Projector(
    CqrsModule module, DataProjection data, IReadOnlyList<IDataSyncHandler> handlers, TimeProvider time, ILogger<Projector> logger)
{
    private static readonly TimeSpan SyncHandlerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Projects commands, in any order and whether or not they were projected before. Returns when every read model has them.
    /// </summary>
    public async Task ProjectAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken)
    {
        using var activity = StartActivity(commands);

        var inOrder = await data.ApplyAsync(commands, cancellationToken);

        // That data has a version never means that a handler has seen it: all are handed on.
        foreach (var handler in handlers)
        {
            await handler.UpAsync(inOrder, cancellationToken);
        }

        Measure(commands);
    }

    /// <summary>Applies what is in the way of a synchronous publish to history and data only; the handlers follow.</summary>
    public Task<List<CommandModel>> ApplyToDataAsync(IEnumerable<CommandModel> commands, CancellationToken cancellationToken) =>
        data.ApplyAsync(commands, cancellationToken);

    /// <summary>Hands commands that are in the data table to the handlers, for a caller who waits.</summary>
    /// <returns>Whether every handler applied them; if not, the stream will have them do it.</returns>
    public async Task<bool> TryHandleNowAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(SyncHandlerTimeout);
        foreach (var handler in handlers)
        {
            try
            {
                await handler.UpAsync(commands, timeout.Token);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogLeftToStream(exception, handler.Name, commands[^1].Id, commands[^1].Version);
                return false;
            }
        }

        return true;
    }

    /// <summary>Brings back what the data table says into the handlers' targets.</summary>
    public async Task ResyncAsync(IReadOnlyList<DataModel> items, CancellationToken cancellationToken)
    {
        foreach (var handler in handlers)
        {
            await handler.ResyncAsync(items, cancellationToken);
        }
    }

    /// <summary>The module's handlers.</summary>
    public IReadOnlyList<IDataSyncHandler> Handlers => handlers;

    // One trace from the request to the read models. A batch that several requests share cannot be inside all their traces: it links them.
    private Activity? StartActivity(IReadOnlyList<CommandModel> commands)
    {
        var contexts = commands
            .Select(command => ActivityContext.TryParse(command.TraceParent, null, isRemote: true, out var context) ? context : default)
            .Where(context => context != default)
            .DistinctBy(context => context.TraceId)
            .ToList();
        var parent = contexts.Count == 1 ? contexts[0] : default;
        var activity = CqrsTelemetry.Source.StartActivity(
            $"project {module.Name}", ActivityKind.Consumer, parent, links: contexts.Count > 1 ? contexts.Select(c => new ActivityLink(c)) : null);
        activity?.SetTag("cqrs.module", module.Name);
        activity?.SetTag("messaging.batch.message_count", commands.Count);
        return activity;
    }

    private void Measure(IReadOnlyList<CommandModel> commands)
    {
        var tag = new KeyValuePair<string, object?>("cqrs.module", module.Name);
        var now = time.GetUtcNow();
        CqrsTelemetry.BatchSize.Record(commands.Count, tag);
        CqrsTelemetry.Projected.Add(commands.Count, tag);
        foreach (var command in commands)
        {
            CqrsTelemetry.Lag.Record(Math.Max(0, (now - command.UpdatedAt).TotalSeconds), tag);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Handler} could not apply {Id} version {Version} at once; the stream will.")]
    private partial void LogLeftToStream(Exception exception, string handler, string id, long version);
}

using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Streams;
using Cqrs.Tables;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cqrs.Operations;

/// <summary>
/// Does for a module's read models what the stream does not: items that have expired are taken down, and parked commands that have been overtaken
/// are taken off the list. Any number of workers may do it at once.
/// </summary>
internal sealed partial class Maintenance(
    CqrsModule module,
    DataService data,
    CommandStore commands,
    Projector projector,
    ParkedCommands parked,
    SchemaReady schema,
    TimeProvider time,
    IOptions<StreamOptions> options,
    ILogger<Maintenance> logger) : BackgroundService
{
    private const int ChunkSize = 500;
    private const int PausePerWork = 20;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            try
            {
                foreach (var handler in projector.Handlers)
                {
                    await TakeExpiredDownAsync(handler, stoppingToken);
                }

                await parked.ResolveAppliedAsync(module, stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(fault, module.Name);
            }

            await Task.Delay(PauseAfter(time.GetElapsedTime(started)), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A long list of parked commands would otherwise be read without end, and take the store from the projection.
    private TimeSpan PauseAfter(TimeSpan work)
    {
        var interval = options.Value.MaintenanceInterval;
        var pause = work * PausePerWork;
        return pause < interval ? interval : pause < LongestPause ? pause : LongestPause;
    }

    private async Task TakeExpiredDownAsync(IDataSyncHandler handler, CancellationToken cancellationToken)
    {
        await foreach (var rows in handler.ListExpiredAsync(time.GetUtcNow(), cancellationToken).Chunk(ChunkSize).WithCancellation(cancellationToken))
        {
            var inData = await data.GetVersionsAsync(rows.Select(row => row.Key), cancellationToken);
            var gone = new List<KeyVersion>();
            foreach (var row in rows)
            {
                // A newer version may revive the item, applied to data or about to be: then its row is not the last word.
                var known = Math.Max(row.Version, inData.GetValueOrDefault(row.Key));
                if (await commands.FindNewestVersionAsync(row.Key, known, cancellationToken) == row.Version)
                {
                    gone.Add(row);
                }
            }

            await handler.DownAsync(gone, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Maintenance of {Module} failed; it is tried again.")]
    private partial void LogFailed(Exception exception, string module);
}

using System.Diagnostics;
using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.AspNetCore.Items;
using Cqrs.Items;
using Cqrs.Publishing;

namespace Cqrs.AspNetCore.Files;

/// <summary>
/// Brings a module's items up to the rows of a file, a batch at a time: what equals the newest state is skipped, what is new is created, what differs is
/// changed. So a repeat, also of an import that broke off, writes only what is missing.
/// </summary>
internal sealed class Importer<TRequest>(ItemServices items, Rules rules, Caller caller, IServiceProvider services, ImportReport report)
    where TRequest : ItemRequest
{
    private const int RowsAtOnce = 500;
    private const long BytesAtOnce = 8 * 1024 * 1024;
    private const int ItemsAtOnce = 100;
    private const int PublishesAtOnce = 16;
    private const int LookFrom = 5_000;
    private const int SettleUpTo = 1_000;

    private readonly ImportRowReader<TRequest> _reader = new(items, caller, services, report);
    private readonly ImportPublisher<TRequest> _publisher = new(items, rules, caller, report);
    private readonly ContestedRows<TRequest> _contested = new();
    private readonly string _pk = items.Module.PkOf(caller.Tenant);

    /// <summary>Gets the commands that the read models may not show yet.</summary>
    public SyncingCommands Syncing { get; } = new(items.Status, items.Time);

    public async Task ImportAsync(IAsyncEnumerable<ImportRow> rows, CancellationToken cancellationToken)
    {
        var batch = new List<ImportRow>();
        var bytes = 0L;
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            batch.Add(row);
            bytes += row.Size;
            if (batch.Count == RowsAtOnce || bytes >= BytesAtOnce)
            {
                await TraceAsync(() => ImportAsync(batch, cancellationToken));
                batch.Clear();
                bytes = 0;
            }
        }

        await TraceAsync(() => ImportAsync(batch, cancellationToken));
        await TraceAsync(() => SettleAsync(isEnd: true, cancellationToken));
    }

    // A trace for each batch: one for the whole file would be too long to look at.
    private async Task TraceAsync(Func<Task> work)
    {
        var request = Activity.Current;
        Activity.Current = null;
        using var activity = TransferTelemetry.Source.StartActivity(
            $"import {items.Module.Name}", ActivityKind.Internal, default(ActivityContext), links: request is null ? null : [new(request.Context)]);
        await work();
        Activity.Current = request;
    }

    private async Task ImportAsync(IReadOnlyList<ImportRow> batch, CancellationToken cancellationToken)
    {
        await PublishAsync(await _reader.ReadAsync(batch, cancellationToken), cancellationToken);
        await SettleAsync(isEnd: false, cancellationToken);
        await LookWhetherSyncedAsync(cancellationToken);
    }

    // The newest states of a lot are in memory with their contents. Those of the next are read while one is published.
    private async Task PublishAsync(List<ImportedRow<TRequest>> rows, CancellationToken cancellationToken)
    {
        var lots = rows.GroupBy(row => row.Key).Chunk(ItemsAtOnce).ToList();
        var reading = NewestOfAsync(0);
        for (var lot = 0; lot < lots.Count; lot++)
        {
            var newest = await reading;
            reading = NewestOfAsync(lot + 1);
            await PublishAsync(lots[lot], newest, cancellationToken);
        }

        Syncing.Add(_publisher.TakeAccepted());

        Task<IReadOnlyDictionary<ItemKey, ItemModel>> NewestOfAsync(int lot) => lot < lots.Count
            ? items.Commands.GetNewestAsync([.. lots[lot].Select(item => item.Key)], cancellationToken)
            : Task.FromResult<IReadOnlyDictionary<ItemKey, ItemModel>>(new Dictionary<ItemKey, ItemModel>());
    }

    // Rows of one item are published in the order of the file.
    private Task PublishAsync(
        IEnumerable<IGrouping<ItemKey, ImportedRow<TRequest>>> lot, IReadOnlyDictionary<ItemKey, ItemModel> newest, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            lot,
            new ParallelOptions { MaxDegreeOfParallelism = PublishesAtOnce, CancellationToken = cancellationToken },
            async (sameItem, _) =>
            {
                var isFirst = true;
                foreach (var row in sameItem)
                {
                    if (TryWaitBehindOthers(row))
                    {
                        continue;
                    }

                    var result = isFirst
                        ? await _publisher.PublishAsync(row, newest.GetValueOrDefault(row.Key), cancellationToken)
                        : await _publisher.PublishOntoNewestAsync(row, cancellationToken);
                    isFirst = false;
                    if (!(result is PublishResult.CodeTaken && TryWait(row)))
                    {
                        _publisher.Report(row, result);
                    }
                }
            });

    // At the end of each batch while few rows wait, and at the end of the file.
    private async Task SettleAsync(bool isEnd, CancellationToken cancellationToken)
    {
        if (_contested.Count == 0 || (_contested.Count > SettleUpTo && !isEnd))
        {
            return;
        }

        var settlement = new CodeSettlement<TRequest>(_contested, items.Commands, _pk);
        await settlement.RunAsync(_publisher, cancellationToken);
        if (isEnd)
        {
            foreach (var (row, reason) in settlement.Refuse())
            {
                report.AddFailed([row.Row.ErrorAt(new FieldError(Column.Code, reason))]);
            }
        }

        Syncing.Add(_publisher.TakeAccepted());
    }

    private bool TryWait(ImportedRow<TRequest> row)
    {
        lock (_contested)
        {
            return _contested.TryAdd(row);
        }
    }

    private bool TryWaitBehindOthers(ImportedRow<TRequest> row)
    {
        lock (_contested)
        {
            return _contested.Has(row.Key) && _contested.TryAdd(row);
        }
    }

    // Seldom, and never a reason to fail: the read model may be down.
    private async Task LookWhetherSyncedAsync(CancellationToken cancellationToken)
    {
        if (Syncing.Count < LookFrom)
        {
            return;
        }

        try
        {
            await Syncing.LookAsync(cancellationToken);
        }
        catch (Exception fault) when (FaultHandler.IsUnavailable(fault))
        {
            // The summary says that they are still syncing.
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
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

    private readonly CommandOptions _options = new(CommandSource.Get(items.Module.Name, "ImportEndpoint", "Import"), caller.Context, RemembersWrite: false);
    private readonly string _pk = items.Module.PkOf(caller.Tenant);
    private readonly ContestedRows<TRequest> _contested = new();
    private readonly ConcurrentBag<(int Line, KeyVersion Version)> _accepted = [];

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
        var readable = new List<ImportedRow<TRequest>>();
        foreach (var row in batch)
        {
            if (await ReadAsync(row, cancellationToken) is { } read)
            {
                readable.Add(read);
            }
        }

        await PublishAsync(await FindKeysAsync(readable, cancellationToken), cancellationToken);
        await SettleAsync(isEnd: false, cancellationToken);
        await LookWhetherSyncedAsync(cancellationToken);
    }

    private async Task<ImportedRow<TRequest>?> ReadAsync(ImportRow row, CancellationToken cancellationToken)
    {
        if (row.Errors.Count > 0)
        {
            report.AddFailed(row.Errors);
            return null;
        }

        var (request, errors) = await JsonBodies.ParseAsync<TRequest>(row.Json, services, cancellationToken);
        if (request is not null)
        {
            // The file says what an item is to be, whatever its version.
            request = request with { Version = null };
            errors.AddRange(Check(request));
        }

        if (errors.Count > 0)
        {
            report.AddFailed(errors.Select(row.ErrorAt));
            return null;
        }

        return new ImportedRow<TRequest>(row, request!, (JsonObject)KnownMembers.Filter(row.Body, typeof(TRequest))!);
    }

    private IEnumerable<FieldError> Check(TRequest request)
    {
        if (ItemDecisions.NamesOtherTenant(request, caller.Tenant))
        {
            return [new("pk", "is a key of another tenant")];
        }

        return (request.Sk, request.Code) switch
        {
            (null, null) => [new(Column.Sk, "or a code is required")],
            ({ } sk, _) when Keys.CheckSk(sk) is { } problem => [new(Column.Sk, problem)],
            (_, { } code) when Keys.CheckCode(code) is { } problem => [new(Column.Code, problem)],
            (null, _) when request.Id is not null => [new("id", "needs an sk beside it")],
            _ => ItemDecisions.CheckDerived(request, new ItemKey(_pk, request.Sk ?? ""), items.Module, caller.Tenant),
        };
    }

    // By sk, or else by code; a code that nobody holds makes a new item, the same for all rows that have it.
    private async Task<List<ImportedRow<TRequest>>> FindKeysAsync(List<ImportedRow<TRequest>> rows, CancellationToken cancellationToken)
    {
        var codes = rows.Where(row => row.Request.Sk is null).Select(row => row.Request.Code!).Distinct().ToList();
        var keys = codes.Count == 0
            ? []
            : (await items.Commands.FindByCodeAsync(_pk, codes, cancellationToken)).ToDictionary();
        foreach (var code in codes)
        {
            keys.TryAdd(code, new ItemKey(_pk, Keys.GenerateSk()));
        }

        return [.. rows.Select(row => row with { Key = row.Request.Sk is { } sk ? new ItemKey(_pk, sk) : keys[row.Request.Code!] })];
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

        Remember();

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
                        ? await PublishAsync(row, newest.GetValueOrDefault(row.Key), cancellationToken)
                        : await PublishOntoNewestAsync(row, cancellationToken);
                    isFirst = false;
                    if (!(result is PublishResult.CodeTaken && TryWait(row)))
                    {
                        Report(row, result);
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
        await settlement.RunAsync(PublishAsync, Report, cancellationToken);
        if (isEnd)
        {
            foreach (var (row, reason) in settlement.Refuse())
            {
                report.AddFailed([row.Row.ErrorAt(new FieldError(Column.Code, reason))]);
            }
        }

        Remember();
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

    private void Remember()
    {
        Syncing.Add([.. _accepted.OrderBy(command => command.Line).Select(command => command.Version)]);
        _accepted.Clear();
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

    private async Task<PublishResult> PublishAsync(ImportedRow<TRequest> row, ItemModel? newest, CancellationToken cancellationToken)
    {
        if (newest is not null && row.IsUnchanged(newest, Decide(row, newest), items.Commands, items.Time.GetUtcNow()))
        {
            return new PublishResult.Unchanged(newest);
        }

        var result = await items.Commands.PublishAsync(
            row.Key, newest?.Version ?? Keys.VersionFirst, current => Decide(row, current), _options, cancellationToken: cancellationToken);
        // Somebody else was faster.
        return result is PublishResult.Conflict ? await PublishOntoNewestAsync(row, cancellationToken) : result;
    }

    private Task<PublishResult> PublishOntoNewestAsync(ImportedRow<TRequest> row, CancellationToken cancellationToken) =>
        items.Commands.PublishAsync(row.Key, Keys.VersionLatest, current => Decide(row, current), _options, cancellationToken: cancellationToken);

    private Decision Decide(ImportedRow<TRequest> row, ItemModel? current) =>
        row.Decide(current, items.Module, caller.Tenant, rules, items.Time.GetUtcNow());

    private void Report(ImportedRow<TRequest> imported, PublishResult result)
    {
        var row = imported.Row;
        switch (result)
        {
            case PublishResult.Accepted(var command):
                if (!command.IsExpired(items.Time.GetUtcNow()))
                {
                    _accepted.Add((row.Line, new KeyVersion(imported.Key, command.Version)));
                }

                report.Add(command.Version == 1 ? RowOutcome.Created : RowOutcome.Updated);
                break;
            case PublishResult.Unchanged:
                report.Add(RowOutcome.Skipped);
                break;
            case PublishResult.Rejected(var errors):
                report.AddFailed(errors.Select(row.ErrorAt));
                break;
            case PublishResult.CodeTaken(var code):
                report.AddFailed([row.ErrorAt(new FieldError(Column.Code, $"another item of the tenant has the code {code}"))]);
                break;
            default:
                report.AddFailed([new RowError(row.Line, null, null, Problems.Of(result).ProblemDetails.Detail ?? "")]);
                break;
        }
    }
}

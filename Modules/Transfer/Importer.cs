using System.Diagnostics;
using System.Text.Json.Nodes;
using Cqrs;
using Modules.Http;
using Modules.Identity;

namespace Modules.Transfer;

/// <summary>
/// Brings a module's items up to the rows of a file, a batch at a time: what equals the newest state is skipped, what is new is created, what differs is
/// changed. So a repeat, also of an import that broke off, writes only what is missing.
/// </summary>
internal sealed class Importer<TRequest>(ItemServices items, Rules rules, Caller caller, IServiceProvider services, ImportReport report)
    where TRequest : ItemRequest
{
    private const int RowsAtOnce = 500;
    private const int PublishesAtOnce = 16;

    private readonly CommandOptions _options = new(CommandSource.Get(items.Module.Name, "ImportEndpoint", "Import"), caller.Context, RemembersWrite: false);
    private readonly string _pk = items.Module.PkOf(caller.Tenant);

    public async Task ImportAsync(IAsyncEnumerable<ImportRow> rows, CancellationToken cancellationToken)
    {
        await foreach (var batch in rows.Chunk(RowsAtOnce).WithCancellation(cancellationToken))
        {
            // A trace for each batch: one for the whole file would be too long to look at.
            var request = Activity.Current;
            Activity.Current = null;
            using var activity = TransferTelemetry.Source.StartActivity(
                $"import {items.Module.Name}", ActivityKind.Internal, default(ActivityContext), links: request is null ? null : [new(request.Context)]);
            await ImportAsync(batch, cancellationToken);
            Activity.Current = request;
        }
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

        // A code that a row is to have may be free only after another row of the batch: those are tried once more when the rest is through.
        var again = await PublishAsync(await FindKeysAsync(readable, cancellationToken), isLastTry: false, cancellationToken);
        if (again.Count > 0)
        {
            await PublishAsync(await FindKeysAsync(again, cancellationToken), isLastTry: true, cancellationToken);
        }
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

    private async Task<List<ImportedRow<TRequest>>> PublishAsync(
        List<ImportedRow<TRequest>> rows, bool isLastTry, CancellationToken cancellationToken)
    {
        var newest = await items.Commands.GetNewestAsync([.. rows.Select(row => row.Key).Distinct()], cancellationToken);
        var again = new List<ImportedRow<TRequest>>();
        // Rows of one item are published in the order of the file.
        await Parallel.ForEachAsync(
            rows.GroupBy(row => row.Key),
            new ParallelOptions { MaxDegreeOfParallelism = PublishesAtOnce, CancellationToken = cancellationToken },
            async (sameItem, _) =>
            {
                var isFirst = true;
                foreach (var row in sameItem)
                {
                    var result = isFirst
                        ? await PublishAsync(row, newest.GetValueOrDefault(row.Key), cancellationToken)
                        : await PublishOntoNewestAsync(row, cancellationToken);
                    isFirst = false;
                    if (result is PublishResult.CodeTaken && !isLastTry)
                    {
                        lock (again)
                        {
                            again.Add(row);
                        }
                    }
                    else
                    {
                        Report(row.Row, result);
                    }
                }
            });
        return [.. again.OrderBy(row => row.Row.Line)];
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

    private void Report(ImportRow row, PublishResult result)
    {
        switch (result)
        {
            case PublishResult.Accepted(var command):
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

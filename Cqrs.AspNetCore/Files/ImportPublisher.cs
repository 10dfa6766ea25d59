using System.Collections.Concurrent;
using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.AspNetCore.Items;
using Cqrs.Items;
using Cqrs.Publishing;

namespace Cqrs.AspNetCore.Files;

/// <summary>Publishes single rows of a file, reports the outcomes, and remembers the accepted commands.</summary>
internal sealed class ImportPublisher<TRequest>(ItemServices items, Rules rules, Caller caller, ImportReport report)
    where TRequest : ItemRequest
{
    private readonly CommandOptions _options = new(CommandSource.Get(items.Module.Name, "ImportEndpoint", "Import"), caller.Context, RemembersWrite: false);
    private readonly ConcurrentBag<(int Line, KeyVersion Version)> _accepted = [];

    /// <summary>Publishes a row onto the newest state as it was read; onto the one that is newest by now if another write came between.</summary>
    public async Task<PublishResult> PublishAsync(ImportedRow<TRequest> row, ItemModel? newest, CancellationToken cancellationToken)
    {
        if (newest is not null && row.IsUnchanged(newest, Decide(row, newest), items.Commands, items.Time.GetUtcNow()))
        {
            return new PublishResult.Unchanged(newest);
        }

        var result = await items.Commands.PublishAsync(
            row.Key, newest?.Version ?? Keys.VersionFirst, current => Decide(row, current), _options, cancellationToken: cancellationToken);
        return result is PublishResult.Conflict ? await PublishOntoNewestAsync(row, cancellationToken) : result;
    }

    /// <summary>Publishes a row onto whatever state is newest.</summary>
    public Task<PublishResult> PublishOntoNewestAsync(ImportedRow<TRequest> row, CancellationToken cancellationToken) =>
        items.Commands.PublishAsync(row.Key, Keys.VersionLatest, current => Decide(row, current), _options, cancellationToken: cancellationToken);

    public void Report(ImportedRow<TRequest> imported, PublishResult result)
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

    /// <summary>Returns the commands that were accepted since the last call, in the order of the file.</summary>
    public IReadOnlyList<KeyVersion> TakeAccepted()
    {
        KeyVersion[] accepted = [.. _accepted.OrderBy(command => command.Line).Select(command => command.Version)];
        _accepted.Clear();
        return accepted;
    }

    private Decision Decide(ImportedRow<TRequest> row, ItemModel? current) =>
        row.Decide(current, items.Module, caller.Tenant, rules, items.Time.GetUtcNow());
}

using System.Text.Json.Nodes;
using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.AspNetCore.Items;
using Cqrs.Items;
using Cqrs.Publishing;

namespace Cqrs.AspNetCore.Files;

/// <summary>Reads the rows of a file as requests, checks them, and finds the items that they are about.</summary>
internal sealed class ImportRowReader<TRequest>(ItemServices items, Caller caller, IServiceProvider services, ImportReport report)
    where TRequest : ItemRequest
{
    private readonly string _pk = items.Module.PkOf(caller.Tenant);

    /// <summary>Returns the rows that can be imported, with their keys. The others are reported.</summary>
    public async Task<List<ImportedRow<TRequest>>> ReadAsync(IReadOnlyList<ImportRow> batch, CancellationToken cancellationToken)
    {
        var readable = new List<ImportedRow<TRequest>>();
        foreach (var row in batch)
        {
            if (await ReadAsync(row, cancellationToken) is { } read)
            {
                readable.Add(read);
            }
        }

        return await FindKeysAsync(readable, cancellationToken);
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
}

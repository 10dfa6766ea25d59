using System.Text;
using Cqrs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Modules.Http;
using Modules.Http.Limits;
using Modules.Identity;
using Modules.ReadModel;

namespace Modules.Transfer;

/// <summary>Exports what a search finds, with the caller's own pending writes, as it is read: any number of items in constant memory.</summary>
internal static class ExportEndpoint
{
    private const int BufferCharacters = 32 * 1024;

    public static RouteGroupBuilder MapExport<TRow, TSearch>(this RouteGroupBuilder group, CqrsModule module, IReadOnlyList<Column> columns)
        where TRow : ReadModelRow, new()
        where TSearch : ISearch<TRow, TSearch>
    {
        group.MapGet("/export", (Caller caller, HttpContext http) => ExportAsync<TRow, TSearch>(module, columns, caller, http))
            .RunsLong(LongRequest.Export)
            .WithQuery([new("format", "csv or jsonl", "csv"), .. TSearch.Filters])
            .Produces(StatusCodes.Status200OK, contentType: "text/csv", additionalContentTypes: "application/x-ndjson")
            .WithSummary("Exports items to a CSV or JSON Lines file");
        return group;
    }

    private static async Task<IResult> ExportAsync<TRow, TSearch>(
        CqrsModule module, IReadOnlyList<Column> columns, Caller caller, HttpContext http)
        where TRow : ReadModelRow, new()
        where TSearch : ISearch<TRow, TSearch>
    {
        var query = new QueryReader(http.Request.Query);
        var search = TSearch.Read(query);
        var csv = new CsvExport(columns);
        var format = query.OneOf<IExportFormat>("format", csv, ("csv", csv), ("jsonl", new JsonLinesExport(columns)));
        if (query.Errors is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        if (search.NamesOtherTenant(caller.Tenant))
        {
            return Problems.TenantMismatch();
        }

        // Faults that can show before the first byte must: after it, breaking off is the only way to say that the file is not whole.
        var reader = http.ReaderOf<TRow, TSearch>(module);
        var (rows, overlay) = await reader.FilterAsync(search, caller.User, http.RequestAborted);
        var found = RowCursor.ReadAsync(
            http.RequestServices.GetRequiredService<ReadModelContext>(),
            http.RequestServices.GetRequiredService<RowReader<TRow>>(),
            rows,
            http.RequestAborted);
        await using var lines = reader.ShowAsync(search, overlay, overlay.Leading, found, http.RequestAborted)
            .Select(ExportLine.From)
            .GetAsyncEnumerator(http.RequestAborted);
        var hasAny = await lines.MoveNextAsync();

        var today = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        http.Response.ContentType = format.ContentType;
        http.Response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment")
        {
            FileName = $"{module.Name}-{caller.Tenant}-{today:yyyyMMdd-HHmmss}.{format.Extension}",
        }.ToString();
        await using var writer = new StreamWriter(http.Response.Body, new UTF8Encoding(false), BufferCharacters, leaveOpen: true);
        await format.WriteAsync(writer, hasAny ? RestAsync(lines) : AsyncEnumerable.Empty<ExportLine>(), http.RequestAborted);
        await writer.FlushAsync(http.RequestAborted);
        return TypedResults.Empty;
    }

    private static async IAsyncEnumerable<ExportLine> RestAsync(IAsyncEnumerator<ExportLine> lines)
    {
        do
        {
            yield return lines.Current;
        }
        while (await lines.MoveNextAsync());
    }
}

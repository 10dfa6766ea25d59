using System.Text;
using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.AspNetCore.Items;
using Cqrs.AspNetCore.Limits;
using Cqrs.Reading;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Cqrs.AspNetCore.Files;

/// <summary>Exports what a search finds, with the caller's own pending writes, as it is read: any number of items in constant memory.</summary>
public static class ExportEndpoint
{
    private const int BufferCharacters = 32 * 1024;

    public static RouteGroupBuilder MapExport(this RouteGroupBuilder group, CqrsModule module, IReadOnlyList<Column> columns)
    {
        using var scope = ((IEndpointRouteBuilder)group).ServiceProvider.CreateScope();
        var search = scope.ServiceProvider.GetRequiredKeyedService<IItemSearch>(module.Name);
        group.MapGet("/export", (Caller caller, HttpContext http) => ExportAsync(module, columns, caller, http))
            .RunsLong(LongRequest.Export)
            .WithQuery([new("format", "csv or jsonl", "csv"), .. SearchParameters.Describe(search)])
            .Produces(StatusCodes.Status200OK, contentType: "text/csv", additionalContentTypes: "application/x-ndjson")
            .WithSummary("Exports items to a CSV or JSON Lines file");
        return group;
    }

    private static async Task<IResult> ExportAsync(CqrsModule module, IReadOnlyList<Column> columns, Caller caller, HttpContext http)
    {
        var search = http.RequestServices.GetRequiredKeyedService<IItemSearch>(module.Name);
        var parameters = new QueryReader(http.Request.Query);
        var query = SearchParameters.Read(search, parameters);
        var csv = new CsvExport(columns);
        var format = parameters.OneOf<IExportFormat>("format", csv, ("csv", csv), ("jsonl", new JsonLinesExport(columns)));
        if (SearchParameters.Check(query, parameters, caller.Tenant) is { } problem)
        {
            return problem;
        }

        // Faults that can show before the first byte must: after it, breaking off is the only way to say that the file is not whole.
        await using var lines = search.ReadAllAsync(query, caller.User, http.RequestAborted)
            .Select(Entity.From)
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

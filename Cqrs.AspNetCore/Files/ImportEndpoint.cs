using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.AspNetCore.Items;
using Cqrs.AspNetCore.Limits;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cqrs.AspNetCore.Files;

/// <summary>Imports files of any size, in constant memory: they are read, and told of, as they come.</summary>
public static partial class ImportEndpoint
{
    private const string ReportType = "application/x-ndjson";
    private const int MaxWaitSeconds = 30;

    public static RouteGroupBuilder MapImport<TRequest>(
        this RouteGroupBuilder group, CqrsModule module, Rules rules, IReadOnlyList<Column> columns)
        where TRequest : ItemRequest
    {
        group.MapPost("/import", (Caller caller, HttpContext http) => ImportAsync<TRequest>(module, rules, columns, caller, http))
            .WithMetadata(new DisableRequestSizeLimitAttribute())
            .Accepts<Stream>(ImportFormat.MediaTypes[0], ImportFormat.MediaTypes[1..])
            .RunsLong(LongRequest.Import)
            .WithQuery(new QueryParameter("wait", "Seconds to wait at the end until the read models show the rows, 0 to 30", 0))
            .Produces<ImportSummary>(StatusCodes.Status200OK, ReportType)
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .WithSummary("Imports a CSV or JSON Lines file")
            .WithDescription(
                "Rows are found by sk, or else by code. What equals the stored state is skipped, so a repeat is harmless. Answers in JSON lines while it "
                + "reads: progress, an error for what is wrong in a row, at last a summary. CSV columns: " + string.Join(", ", columns.Select(column => column.Name)));
        return group;
    }

    private static async Task<IResult> ImportAsync<TRequest>(
        CqrsModule module, Rules rules, IReadOnlyList<Column> columns, Caller caller, HttpContext http)
        where TRequest : ItemRequest
    {
        if (ImportFormat.Read(http.Request) is not { } format)
        {
            return Problems.Of(
                StatusCodes.Status415UnsupportedMediaType,
                "unsupported-media-type",
                $"The body must be {string.Join(", ", ImportFormat.MediaTypes)}, in an encoding that exists.");
        }

        var query = new QueryReader(http.Request.Query);
        var wait = TimeSpan.FromSeconds(query.Int("wait", 0, 0, MaxWaitSeconds));
        if (query.Errors is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        // A client that sends all before it reads is not too slow.
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        http.Response.ContentType = ReportType;
        await http.Response.StartAsync(http.RequestAborted);
        var report = new ImportReport(http.Response);
        var writing = report.WriteAsync(http.RequestAborted);
        var services = http.RequestServices;
        var importer = new Importer<TRequest>(ItemServices.Of(services, module, ""), rules, caller, services, report);
        var error = await RunAsync(importer, format, columns, http, report);
        if (error is null)
        {
            await WaitAsync(importer.Syncing, wait, http);
        }

        var summary = report.Complete(error, importer.Syncing.Count);
        Log(services.GetRequiredService<ILogger<ImportReport>>(), module.Name, caller.Tenant, summary);
        try
        {
            await writing;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read it.
        }

        return TypedResults.Empty;
    }

    private static async Task WaitAsync(SyncingCommands syncing, TimeSpan limit, HttpContext http)
    {
        try
        {
            await syncing.WaitAsync(limit, http.RequestAborted);
        }
        catch (Exception fault) when (FaultHandler.IsUnavailable(fault) || http.RequestAborted.IsCancellationRequested)
        {
            // All rows are stored. The summary says that they are still syncing.
        }
    }

    /// <returns>Why the import ended before the file did, or null.</returns>
    private static async Task<string?> RunAsync<TRequest>(
        Importer<TRequest> importer, ImportFormat format, IReadOnlyList<Column> columns, HttpContext http, ImportReport report)
        where TRequest : ItemRequest
    {
        var stopping = http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        await using var body = new BodyStream(http.Request.BodyReader);
        await using var stop = stopping.Register(body.Stop);
        try
        {
            using var text = await format.OpenAsync(body);
            var rows = format.IsCsv ? CsvRows.ReadAsync(text, columns, ended.Token) : JsonLines.ReadAsync(text, ended.Token);
            await importer.ImportAsync(rows, ended.Token);
            return null;
        }
        catch (UnreadableFileException unreadable)
        {
            report.List([unreadable.Error]);
            return unreadable.Message;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return "The client has gone.";
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return "The server stops. Import the file again: what is there already is skipped.";
        }
        catch (ConnectionResetException)
        {
            return "The client has gone.";
        }
        catch (BadHttpRequestException)
        {
            return "The request ended before the file did.";
        }
        catch (Exception fault) when (FaultHandler.IsUnavailable(fault))
        {
            LogUnavailable(http.RequestServices.GetRequiredService<ILogger<ImportReport>>(), fault);
            return "A store does not answer. Import the file again: what is there already is skipped.";
        }
        catch (Exception fault)
        {
            // The answer has begun: all that is left is to end it properly.
            LogFailed(http.RequestServices.GetRequiredService<ILogger<ImportReport>>(), fault);
            return "The import failed by an error of the server.";
        }
    }

    private static void Log(ILogger logger, string module, string tenant, ImportSummary summary) => LogImported(
        logger, module, tenant, summary.Rows, summary.Created, summary.Updated, summary.Skipped, summary.Failed, summary.Error);

    [LoggerMessage(
        LogLevel.Information,
        "Imported {Module} of {Tenant}: {Rows} rows, {Created} created, {Updated} updated, {Skipped} skipped, {Failed} failed. {Error}")]
    private static partial void LogImported(
        ILogger logger, string module, string tenant, long rows, long created, long updated, long skipped, long failed, string? error);

    [LoggerMessage(LogLevel.Error, "An import failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "An import broke off: a store does not answer.")]
    private static partial void LogUnavailable(ILogger logger, Exception exception);
}

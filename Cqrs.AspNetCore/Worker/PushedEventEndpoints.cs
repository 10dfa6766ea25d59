using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cqrs.AspNetCore.Http;
using Cqrs.CommandLog;
using Cqrs.Streams;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cqrs.AspNetCore.Worker;

/// <summary>The answer to a pushed batch: the records from which on it is to be sent again; none if all are projected.</summary>
public sealed record BatchResponse(IReadOnlyList<BatchItemFailure> BatchItemFailures);

/// <param name="ItemIdentifier">The sequence number of a record.</param>
public sealed record BatchItemFailure(string ItemIdentifier);

/// <summary>
/// Takes stream batches that are pushed (the DynamoDB event of a Lambda event source mapping) through the same projection as those that
/// are read. Off unless <c>Events:Enabled</c>; then for callers that know <c>Events:Key</c> (header <c>x-events-key</c>) or, without one, for callers on
/// this machine.
/// </summary>
public static partial class PushedEventEndpoints
{
    /// <summary>In the log: a batch that could not be projected. The alarms of a deployment look for it.</summary>
    public const int HeldEventId = 1;

    private const string KeyHeader = "x-events-key";
    private const int MaxBodyBytes = 8 * 1024 * 1024;

    public static void MapPushedEvents(this WebApplication app)
    {
        if (!app.Configuration.GetValue<bool>("Events:Enabled"))
        {
            return;
        }

        var key = app.Configuration["Events:Key"];
        var events = app.MapPost("/events", ProjectAsync)
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxBodyBytes))
            .AddEndpointFilter(async (context, next) => MayPush(context.HttpContext, key)
                ? await next(context)
                : Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "The caller may not push events."));
        if (app.Configuration.GetValue<bool>("Worker:PushedOnly"))
        {
            events.AddEndpointFilter(new TelemetryFlush(app.Services));
        }
    }

    private static async Task<Results<Ok<BatchResponse>, ProblemHttpResult>> ProjectAsync(
        HttpRequest request,
        IEnumerable<CqrsModule> modules,
        TableNames tables,
        SchemaReady schema,
        IServiceProvider services,
        ILogger<BatchResponse> logger,
        CancellationToken cancellationToken)
    {
        // A page of another site may send a browser's user here, but not with this content type.
        if ((ContentTypes.CheckEncoding(request) ?? ContentTypes.CheckJson(request, [ContentTypes.Json])) is { } unsupported)
        {
            return unsupported;
        }

        if (await ReadAsync(request, cancellationToken) is not { } records)
        {
            return Problems.Validation("$", "must be a DynamoDB stream event");
        }

        await schema.WaitAsync(cancellationToken);
        foreach (var byTable in records)
        {
            if (modules.SingleOrDefault(module => tables.Command(module) == byTable.Key) is not { } module)
            {
                LogForeignTable(logger, byTable.Key);
                continue;
            }

            var batch = byTable.ToList();
            try
            {
                await services.GetRequiredKeyedService<PushedRecords>(module.Name).ProjectAsync(batch, cancellationToken);
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
            {
                // Single commands at fault were parked; this is a store. Nothing of the batch counts as done.
                LogHeld(logger, fault, module.Name, batch.Count);
                return TypedResults.Ok(new BatchResponse([.. batch
                    .Select(record => new BatchItemFailure(record.Dynamodb.SequenceNumber))
                    .Where(failure => failure.ItemIdentifier.Length > 0)]));
            }
        }

        return TypedResults.Ok(new BatchResponse([]));
    }

    // A batch is of one stream: a record that does not tell its table is of the one that others tell. Where none does, it is no stream event.
    private static async Task<ILookup<string, Record>?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, RecordJson.Options, cancellationToken);
            var records = body.RootElement.GetProperty("Records").EnumerateArray()
                .Select(record => (Table: ReadTable(record), Record: RecordJson.Read(record)))
                .ToList();
            var told = records.Select(record => record.Table).FirstOrDefault(table => table is not null);
            return told is null && records.Count > 0 ? null : records.ToLookup(record => record.Table ?? told!, record => record.Record);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    // arn:aws:dynamodb:{region}:{account}:table/{table}/stream/{label}
    private static string? ReadTable(JsonElement record) =>
        RecordJson.Text(record, "eventSourceARN")?.Split('/') is [_, var table, ..] ? table : null;

    private static bool MayPush(HttpContext context, string? key) =>
        string.IsNullOrEmpty(key)
            ? context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            : CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(context.Request.Headers[KeyHeader].ToString()), Encoding.UTF8.GetBytes(key));

    [LoggerMessage(HeldEventId + 1, LogLevel.Warning, "Events of the table {Table}, which is no module's, were passed over.")]
    private static partial void LogForeignTable(ILogger logger, string table);

    [LoggerMessage(HeldEventId, LogLevel.Warning, "{Records} pushed records of {Module} could not be projected; they are to be sent again.")]
    private static partial void LogHeld(ILogger logger, Exception exception, string module, int records);
}

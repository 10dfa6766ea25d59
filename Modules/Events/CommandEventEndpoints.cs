using System.Globalization;
using System.Text.Json;
using Cqrs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Modules.Http;
using Modules.Http.Limits;
using Modules.Identity;

namespace Modules.Events;

/// <summary>Tells a caller, by server-sent events, when the read models have the commands of the tenant.</summary>
internal static class CommandEventEndpoints
{
    private const string LastEventId = "Last-Event-ID";

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static void MapCommandEvents(this RouteGroupBuilder group, CqrsModule module) =>
        group.MapGet("/events", (Caller caller, HttpContext http, EventHub hub, IHostApplicationLifetime lifetime) =>
                StreamAsync(module, caller, http, hub, lifetime))
            .RunsLong(LongRequest.Events)
            .WithHeader(LastEventId, "The id of the last event that you have seen: those after it come first, of the last 24 hours")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
            .WithSummary("When the read models have the tenant's commands, as server-sent events");

    private static async Task<IResult> StreamAsync(
        CqrsModule module, Caller caller, HttpContext http, EventHub hub, IHostApplicationLifetime lifetime)
    {
        // A stream has no end of its own: one that outlives the request to stop would hold the server up.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        var cancellationToken = ended.Token;
        var header = http.Request.Headers[LastEventId].ToString();
        if (header.Length > 0 && !long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return Problems.Validation(LastEventId, "must be the id of an event");
        }

        // Listening begins before the table is read, so that nothing falls between the two.
        using var subscription = hub.Listen(caller.Tenant);
        var last = header.Length > 0
            ? long.Parse(header, CultureInfo.InvariantCulture)
            : await hub.NewestIdAsync(cancellationToken);

        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        await http.Response.WriteAsync(": ready\n\n", cancellationToken);
        await http.Response.Body.FlushAsync(cancellationToken);
        try
        {
            for (var page = await hub.ReadAsync(caller.Tenant, last, cancellationToken); page.Count > 0;
                page = await hub.ReadAsync(caller.Tenant, last, cancellationToken))
            {
                last = await WriteAsync(http.Response, module, page, last, cancellationToken);
            }

            await FollowAsync(http.Response, module, subscription, last, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client has gone, or the server stops.
        }

        return TypedResults.Empty;
    }

    private static async Task FollowAsync(
        HttpResponse response, CqrsModule module, EventHub.Subscription subscription, long last, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            pause.CancelAfter(Heartbeat);
            try
            {
                if (!await subscription.Events.WaitToReadAsync(pause.Token))
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                await response.WriteAsync(": still here\n\n", cancellationToken);
                await response.Body.FlushAsync(cancellationToken);
                continue;
            }

            var events = new List<CommandEvent>();
            while (subscription.Events.TryRead(out var next))
            {
                events.Add(next);
            }

            last = await WriteAsync(response, module, events, last, cancellationToken);
        }
    }

    private static async Task<long> WriteAsync(
        HttpResponse response, CqrsModule module, List<CommandEvent> events, long last, CancellationToken cancellationToken)
    {
        foreach (var next in events.Where(next => next.Id > last))
        {
            last = next.Id;
            if (next.Pk.StartsWith($"{module.Type}{Keys.KeySeparator}", StringComparison.Ordinal))
            {
                var data = JsonSerializer.Serialize(
                    new { pk = next.Pk, sk = next.Sk, version = next.Version, status = next.Status, reason = next.Reason }, ApiJson.Options);
                await response.WriteAsync($"id: {next.Id}\nevent: command-status\ndata: {data}\n\n", cancellationToken);
            }
        }

        await response.Body.FlushAsync(cancellationToken);
        return last;
    }
}

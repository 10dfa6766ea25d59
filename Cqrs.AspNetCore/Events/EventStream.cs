using System.Globalization;
using System.Text;
using Cqrs.AspNetCore.Http;
using Cqrs.Postgres.Events;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Cqrs.AspNetCore.Events;

/// <summary>
/// One client that follows the events of its tenant and module. What is new comes from the hub; what came before, or while the client did not
/// keep up, from the table.
/// </summary>
internal sealed class EventStream(HttpResponse response, EventHub hub, EventReader reader, EventStreamOptions options, string tenant, string pk)
{
    private const int FlushAt = 16 * 1024;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    /// <summary>Writes the events after an id, until it is cancelled.</summary>
    public async Task RunAsync(long last, CancellationToken cancellationToken)
    {
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        // An id without an event: who is cut off before the first event comes back with it, and misses none.
        await WriteAsync(string.Create(CultureInfo.InvariantCulture, $"id: {last}\n\n"), cancellationToken);
        while (true)
        {
            // Listening begins before the table is read, so that nothing falls between the two.
            using var subscription = hub.Listen(tenant, pk);
            await hub.Started.WaitAsync(cancellationToken);
            last = await CatchUpAsync(last, cancellationToken);
            last = await FollowAsync(subscription, last, cancellationToken);
        }
    }

    private async Task<long> CatchUpAsync(long last, CancellationToken cancellationToken)
    {
        while (true)
        {
            List<CommandEvent> page;
            try
            {
                page = await reader.ReadAsync(tenant, pk, last, EventReader.PageSize, cancellationToken);
                if (page.Count == 0)
                {
                    // Nothing new, or another database, whose ids have yet to come to the last one seen.
                    var start = await reader.FindStartAsync(last, cancellationToken);
                    if (start == last)
                    {
                        return last;
                    }

                    last = start;
                    continue;
                }
            }
            catch (Exception fault) when (FaultHandler.IsUnavailable(fault) && !cancellationToken.IsCancellationRequested)
            {
                // The client stays. Sent away, it would be told to come again, and some then never do.
                await WriteHeartbeatAsync(cancellationToken);
                await Task.Delay(PauseAfterFailure, cancellationToken);
                continue;
            }

            last = await WriteAsync(page, last, cancellationToken);
        }
    }

    /// <returns>The id of the last event, when the client has not kept up.</returns>
    private async Task<long> FollowAsync(EventHub.Subscription subscription, long last, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            pause.CancelAfter(options.Heartbeat);
            try
            {
                if (!await subscription.Events.WaitToReadAsync(pause.Token))
                {
                    return last;
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteHeartbeatAsync(cancellationToken);
                continue;
            }

            var events = new List<CommandEvent>();
            while (subscription.Events.TryRead(out var next))
            {
                events.Add(next);
            }

            last = await WriteAsync(events, last, cancellationToken);
        }
    }

    // An event that was read from the table may come from the hub once more.
    private async Task<long> WriteAsync(List<CommandEvent> events, long last, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var next in events.Where(next => next.Id > last))
        {
            last = next.Id;
            text.Append(CultureInfo.InvariantCulture, $"id: {next.Id}\nevent: command-status\ndata: {next.ToJson()}\n\n");
            if (text.Length >= FlushAt)
            {
                await WriteAsync(text.ToString(), cancellationToken);
                text.Clear();
            }
        }

        if (text.Length > 0)
        {
            await WriteAsync(text.ToString(), cancellationToken);
        }

        return last;
    }

    private Task WriteHeartbeatAsync(CancellationToken cancellationToken) => WriteAsync(": still here\n\n", cancellationToken);

    private async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        // The server's own minimum rate does not end a client that has read fast for long and then no more: it counts what was ever written.
        using var timeout = new CancellationTokenSource(options.WriteTimeout);
        await using var letGo = timeout.Token.Register(response.HttpContext.Abort);
        Encoding.UTF8.GetBytes(text, response.BodyWriter);
        await response.BodyWriter.FlushAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
    }
}

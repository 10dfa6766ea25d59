using System.Globalization;
using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.AspNetCore.Limits;
using Cqrs.Postgres.Events;
using Cqrs.Tables;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Cqrs.AspNetCore.Events;

/// <summary>Tells a caller, by server-sent events, when the read models have the commands of the tenant.</summary>
internal static class CommandEventEndpoints
{
    private const string LastEventId = "Last-Event-ID";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static void MapCommandEvents(this RouteGroupBuilder group, CqrsModule module) =>
        group.MapGet("/events", (Caller caller, HttpContext http, [AsParameters] Services services) => StreamAsync(module, caller, http, services))
            .RunsLong(LongRequest.Events)
            .WithHeader(LastEventId, "The id of the last event that you have seen: those after it come first, of the last 24 hours")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
            .WithSummary("When the read models have the tenant's commands, as server-sent events");

    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> StreamAsync(
        CqrsModule module, Caller caller, HttpContext http, Services services)
    {
        if (!TryReadLastSeen(http.Request, out var lastSeen))
        {
            return Problems.Validation(LastEventId, "must be the id of an event");
        }

        // A stream has no end of its own: one that outlives the request to stop would hold the server up, and one that outlives its token
        // would tell who may no longer know.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, services.Lifetime.ApplicationStopping);
        ended.CancelAfter(LifeOf(http, services.Time));
        try
        {
            var start = await services.Reader.FindStartAsync(lastSeen, ended.Token);
            var stream = new EventStream(
                http.Response, services.Hub, services.Reader, services.Options.Value, caller.Tenant, module.PkOf(caller.Tenant));
            await stream.RunAsync(start, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client has gone, the token has expired, or the server stops.
        }

        return TypedResults.Empty;
    }

    private static bool TryReadLastSeen(HttpRequest request, out long? lastSeen)
    {
        var header = request.Headers[LastEventId].ToString();
        var isId = long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var id);
        lastSeen = isId ? id : null;
        return isId || header.Length == 0;
    }

    private static TimeSpan LifeOf(HttpContext http, TimeProvider time)
    {
        var expires = http.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc;
        var left = expires - time.GetUtcNow() ?? Longest;
        return left <= TimeSpan.Zero ? TimeSpan.Zero : left < Longest ? left : Longest;
    }

    private sealed record Services(
        EventHub Hub,
        EventReader Reader,
        IOptions<EventStreamOptions> Options,
        IHostApplicationLifetime Lifetime,
        TimeProvider Time);
}

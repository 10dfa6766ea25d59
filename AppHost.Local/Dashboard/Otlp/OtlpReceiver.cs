using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ProductAspire.Local.Dashboard.Otlp;

/// <summary>OTLP over HTTP with Protocol Buffers: keeps traces and the logs that belong to them. Metrics are taken and forgotten.</summary>
internal static class OtlpReceiver
{
    private const string ContentType = "application/x-protobuf";

    public static void MapOtlp(this IEndpointRouteBuilder app, TraceStore store)
    {
        app.MapPost("/v1/traces", context => ReceiveAsync(context, body => store.Add(OtlpSpanReader.Read(body))));
        app.MapPost("/v1/logs", context => ReceiveAsync(context, body => store.Add(OtlpLogReader.Read(body))));
        app.MapPost("/v1/metrics", context => ReceiveAsync(context, _ => { }));
    }

    private static async Task ReceiveAsync(HttpContext context, Action<ReadOnlySpan<byte>> take)
    {
        // A page elsewhere cannot send this type without asking first, and is not answered then.
        if (!string.Equals(context.Request.ContentType, ContentType, StringComparison.OrdinalIgnoreCase))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            take(body.GetBuffer().AsSpan(0, (int)body.Length));
        }
        catch (InvalidDataException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        catch (BadHttpRequestException tooLarge)
        {
            context.Response.StatusCode = tooLarge.StatusCode;
            return;
        }

        // The message of success has no fields that must be told: it is empty.
        context.Response.ContentType = ContentType;
    }
}

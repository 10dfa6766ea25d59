using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Cqrs.Items;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cqrs.AspNetCore.Http;

/// <summary>
/// Turns what is thrown into problem details: a request that cannot be read is the caller's error, a store that is down is 503, the rest
/// is 500. Never more than that: details are in the log.
/// </summary>
internal sealed partial class FaultHandler(IProblemDetailsService problems, ILogger<FaultHandler> logger)
    : Microsoft.AspNetCore.Diagnostics.IExceptionHandler
{
    public const string RetryAfterSeconds = "2";

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read an answer.
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var (status, detail) = exception switch
        {
            BadHttpRequestException bad => (bad.StatusCode, bad.StatusCode == 413 ? "The request body is too large." : "The request cannot be read."),
            UnreadableItemException unreadable => (StatusCodes.Status500InternalServerError, unreadable.Message),
            _ when IsUnavailable(exception) => (StatusCodes.Status503ServiceUnavailable, "A store that the request needs does not answer. Try again."),
            _ => (StatusCodes.Status500InternalServerError, "The request failed by an error of the server."),
        };
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
            LogUnavailable(exception, context.Request.Method, context.Request.Path);
        }
        else if (status == StatusCodes.Status500InternalServerError)
        {
            LogFailed(exception, context.Request.Method, context.Request.Path);
        }

        if (exception is UnreadableItemException)
        {
            context.Items[ProblemCodes.ItemKey] = Problems.UnreadableItem;
        }

        context.Response.StatusCode = status;
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = { Status = status, Detail = detail },
        });
    }

    /// <summary>Returns whether a store could not be reached or could not answer, rather than refused what it was asked.</summary>
    internal static bool IsUnavailable(Exception? exception) => exception switch
    {
        null => false,
        AmazonDynamoDBException { ErrorCode: "ValidationException" or "SerializationException" } => false,
        AmazonServiceException or AmazonClientException => true,
        PostgresException refused => refused.IsTransient || refused.SqlState.StartsWith("57", StringComparison.Ordinal),
        NpgsqlException or HttpRequestException or TimeoutException or System.Net.Sockets.SocketException => true,
        OperationCanceledException => true,
        _ => IsUnavailable(exception.InnerException),
    };

    [LoggerMessage(LogLevel.Warning, "{Method} {Path}: a store does not answer.")]
    private partial void LogUnavailable(Exception exception, string method, string path);

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed.")]
    private partial void LogFailed(Exception exception, string method, string path);
}

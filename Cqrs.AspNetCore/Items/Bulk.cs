using System.Text.Json;
using Cqrs.AspNetCore.Http;
using Cqrs.Publishing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;

namespace Cqrs.AspNetCore.Items;

/// <summary>The outcome of one element: the status that it alone would have had, and the entity or the error.</summary>
public sealed record BulkElement(int Status, Entity? Data = null, ProblemDetails? Error = null)
{
    public static BulkElement From(PublishResult result) => result switch
    {
        PublishResult.Accepted(var command) => new(PublishResults.StatusOf(command), Entity.From(command)),
        PublishResult.Pending(var command) => new(StatusCodes.Status202Accepted, Entity.From(command)),
        PublishResult.Unchanged(var current) => new(StatusCodes.Status204NoContent, Entity.From(current)),
        _ => From(Problems.Of(result)),
    };

    public static BulkElement From(ProblemHttpResult problem) => new(problem.StatusCode, Error: problem.ProblemDetails);
}

/// <summary>Runs the elements of a bulk request, each on its own: a bad one never hides the fate of the others.</summary>
public static partial class Bulk
{
    private const int AtOnce = 16;

    /// <param name="elements">The elements.</param>
    /// <param name="keyOf">Elements with the same key run one after the other, in the order in which they stand.</param>
    /// <param name="publish">Publishes one.</param>
    /// <param name="logger">Is told what fails by an error of the server.</param>
    /// <param name="cancellationToken">Stops what has not begun.</param>
    public static async Task<JsonHttpResult<BulkElement[]>> RunAsync(
        IReadOnlyList<JsonElement> elements,
        Func<JsonElement, string?> keyOf,
        Func<JsonElement, int, Task<BulkElement>> publish,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        var results = new BulkElement[elements.Count];
        var chains = elements
            .Select((element, index) => (Element: element, Index: index))
            .GroupBy(e => keyOf(e.Element) ?? $"@{e.Index}");
        await Parallel.ForEachAsync(
            chains,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (chain, _) =>
            {
                foreach (var (element, index) in chain)
                {
                    results[index] = await PublishAsync(element, index, publish, logger, cancellationToken);
                }
            });
        var failed = results.Any(result => result.Error is not null);
        return TypedResults.Json(
            results, ApiJson.Options, statusCode: failed ? StatusCodes.Status207MultiStatus : StatusCodes.Status200OK);
    }

    private static async Task<BulkElement> PublishAsync(
        JsonElement element, int index, Func<JsonElement, int, Task<BulkElement>> publish, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            return await publish(element, index);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested && FaultHandler.IsUnavailable(fault))
        {
            LogUnavailable(logger, fault, index);
            return BulkElement.From(Problems.Unavailable("The store does not answer. Try again."));
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, fault, index);
            return BulkElement.From(Problems.Of(StatusCodes.Status500InternalServerError, "error", "The element failed by an error of the server."));
        }
    }

    [LoggerMessage(LogLevel.Warning, "Element {Index} of a bulk request: a store does not answer.")]
    private static partial void LogUnavailable(ILogger logger, Exception exception, int index);

    [LoggerMessage(LogLevel.Error, "Element {Index} of a bulk request failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception, int index);
}

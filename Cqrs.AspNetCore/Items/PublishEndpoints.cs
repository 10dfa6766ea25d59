using System.Text.Json;
using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.AspNetCore.Limits;
using Cqrs.Items;
using Cqrs.Publishing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cqrs.AspNetCore.Items;

/// <summary>Posting items, one or many.</summary>
internal sealed class PublishEndpoints<TRequest>(ItemServices items, Rules rules)
    where TRequest : ItemRequest
{
    /// <summary>The largest item takes as much if its text is escaped (é as \u00e9).</summary>
    internal const int MaxBodyBytes = 1536 * 1024;

    private const int MaxBulkBytes = 30 * 1024 * 1024;

    public void Map(RouteGroupBuilder group)
    {
        group.MapPost("/", PublishAsync)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .Produces<Entity>(StatusCodes.Status201Created)
            .Produces<Entity>()
            .Produces<Entity>(StatusCodes.Status202Accepted)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .WithQuery(new QueryParameter("mode", "sync: answer when every read model shows it; async (the default): when it is stored", "async"))
            .WithHeader(IdempotencyHeader.Name, "Makes a repeat of the request within 24 hours return the first answer")
            .WithSummary("Creates or updates an item")
            .WithDescription("Creates (version absent or 0) or updates (the version you have seen, or -1 for the newest). With ?mode=sync every read model shows it when this answers.");
        group.MapPost("/bulk", PublishBulkAsync)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBulkBytes))
            .Produces<BulkElement[]>()
            .Produces<BulkElement[]>(StatusCodes.Status207MultiStatus)
            .WithHeader(IdempotencyHeader.Name, "Makes a repeat of the request within 24 hours return the first answers")
            .WithSummary("Creates or updates up to 1000 items, each on its own")
            .WithRequestTimeout(TimeLimits.Patient);
    }

    private async Task<IResult> PublishAsync(JsonBody<TRequest> body, Caller caller, HttpRequest http, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http.Query);
        var isSync = query.OneOf("mode", false, ("sync", true), ("async", false));
        if (query.Errors is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        var idempotency = IdempotencyHeader.Read(http, body.Json);
        var (result, problem) = await PublishOneAsync(body.Value, caller, idempotency, isSync, cancellationToken);
        return problem ?? PublishResults.ToHttp(result!, items.Route);
    }

    private Task<JsonHttpResult<BulkElement[]>> PublishBulkAsync(
        JsonArrayBody<TRequest> body, Caller caller, HttpRequest http, CancellationToken cancellationToken) =>
        Bulk.RunAsync(
            body.Elements,
            KeyOf,
            async (element, index) =>
            {
                var (request, errors) = await JsonBodies.ParseAsync<TRequest>(element, http.HttpContext.RequestServices, cancellationToken);
                if (errors.Count > 0)
                {
                    return BulkElement.From(Problems.Validation(errors));
                }

                var idempotency = IdempotencyHeader.Read(http, element, index);
                var (result, problem) = await PublishOneAsync(request!, caller, idempotency, isSync: false, cancellationToken);
                return problem is not null ? BulkElement.From(problem) : BulkElement.From(result!);
            },
            http.HttpContext.RequestServices.GetRequiredService<ILogger<BulkElement>>(),
            cancellationToken);

    private async Task<(PublishResult? Result, ProblemHttpResult? Problem)> PublishOneAsync(
        TRequest request, Caller caller, Idempotency? idempotency, bool isSync, CancellationToken cancellationToken)
    {
        if (ItemDecisions.NamesOtherTenant(request, caller.Tenant))
        {
            return (null, Problems.TenantMismatch());
        }

        var key = ItemDecisions.KeyOf(request, items.Module, caller.Tenant);
        var input = ItemDecisions.Post(request, key, items.Module, caller.Tenant);
        var errors = ItemDecisions.CheckDerived(request, key, items.Module, caller.Tenant);
        errors.AddRange(request.Name is null ? [new("name", "is required")] : CommandService.Check(input));
        if (errors.Count > 0)
        {
            return (null, Problems.Validation(errors));
        }

        var options = new CommandOptions(CommandSource.Get(items.Module.Name, "PublishEndpoints", "Publish"), caller.Context, idempotency);
        return (await items.Commands.PublishAsync(key, input.Version, current => rules(input, current), options, isSync, cancellationToken), null);
    }

    // Elements of one item are published in the order in which they stand.
    private static string? KeyOf(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty("sk", out var sk) && sk.ValueKind == JsonValueKind.String
                ? sk.GetString()
                : null;
        }
        catch (InvalidOperationException)
        {
            // Half a character in a name or in the key: the element is refused when it is read as a whole.
            return null;
        }
    }
}

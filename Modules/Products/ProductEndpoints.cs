using System.Text.Json;
using Cqrs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Modules.Http;
using Modules.Identity;
using Modules.Jobs;
using Modules.ReadModel;

namespace Modules.Products;

/// <summary>The HTTP face of products, under <c>/api/product</c>.</summary>
internal static class ProductEndpoints
{
    private const int MaxBodyBytes = 1024 * 1024;

    public static void Map(RouteGroupBuilder products)
    {
        products.MapPost("/", PublishAsync).WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .WithSummary("Creates or updates a product");
        products.MapPost("/bulk", PublishBulkAsync).WithSummary("Creates or updates up to 1000 products, each on its own");
        products.MapGet("/data/{pk}/{sk}", GetAsync).WithSummary("A product by its key");
        products.MapGet("/data/{pk}", ListAsync).WithSummary("A tenant's products in sk order");
        products.MapGet("/data", SearchAsync).WithSummary("Searches products");
        products.MapResync(ProductModule.Kernel);
    }

    private static async Task<IResult> PublishAsync(
        JsonBody<ProductRequest> body,
        Caller caller,
        [FromKeyedServices(ProductModule.Name)] CommandService commands,
        CancellationToken cancellationToken)
    {
        var (result, problem) = await PublishOneAsync(body.Value, caller, commands, cancellationToken);
        return problem ?? PublishResults.ToHttp(result!, ProductModule.Route);
    }

    private static async Task<IResult> PublishBulkAsync(
        JsonArrayBody<ProductRequest> body,
        Caller caller,
        HttpContext http,
        [FromKeyedServices(ProductModule.Name)] CommandService commands,
        CancellationToken cancellationToken)
    {
        return await Bulk.RunAsync(
            body.Elements,
            KeyOf,
            async (element, _) =>
            {
                var (request, errors) = await JsonBodies.ParseAsync<ProductRequest>(element, http.RequestServices, cancellationToken);
                if (errors.Count > 0)
                {
                    return BulkElement.From(Problems.Validation(errors));
                }

                var (result, problem) = await PublishOneAsync(request!, caller, commands, cancellationToken);
                return problem is not null ? BulkElement.From(problem) : BulkElement.From(result!);
            },
            cancellationToken);
    }

    private static async Task<(PublishResult? Result, ProblemHttpResult? Problem)> PublishOneAsync(
        ProductRequest request, Caller caller, CommandService commands, CancellationToken cancellationToken)
    {
        if (ProductDecisions.NamesOtherTenant(request, caller.Tenant))
        {
            return (null, Problems.TenantMismatch());
        }

        if (ProductDecisions.Publish(request, caller.Tenant) is Decision.Reject(var errors))
        {
            return (null, Problems.Validation(errors));
        }

        var input = ((Decision.Publish)ProductDecisions.Publish(request, caller.Tenant)).Input;
        var options = new CommandOptions(CommandSource.Get(ProductModule.Name, nameof(ProductEndpoints), "Publish"), caller.Context);
        return (await commands.PublishAsync(input, options, cancellationToken), null);
    }

    private static async Task<Results<Ok<Entity>, ProblemHttpResult>> GetAsync(
        string pk,
        string sk,
        HttpContext http,
        [FromKeyedServices(ProductModule.Name)] DataService data,
        CancellationToken cancellationToken)
    {
        if (await data.GetAsync(new ItemKey(pk, sk), cancellationToken) is not { } item)
        {
            return Problems.NotFound("such product");
        }

        http.Response.Headers.ETag = $"\"{item.Version}\"";
        return TypedResults.Ok(Entity.From(item));
    }

    private static async Task<Results<Ok<EntityList>, ProblemHttpResult>> ListAsync(
        string pk,
        HttpRequest request,
        [FromKeyedServices(ProductModule.Name)] DataService data,
        CancellationToken cancellationToken)
    {
        var query = new QueryReader(request.Query);
        var page = new ListPage(
            query.Int("limit", 10, 1, 1000),
            query.Text("startFromSk"),
            query.OneOf("order", false, ("asc", false), ("desc", true)),
            query.Flag("includeDeleted"));
        if (query.Errors is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        var found = await data.ListAsync(pk, page, cancellationToken);
        return TypedResults.Ok(new EntityList([.. found.Items.Select(Entity.From)], found.LastSk));
    }

    private static async Task<Results<Ok<EntityPage>, ProblemHttpResult>> SearchAsync(
        HttpRequest request, Caller caller, ReadModelContext readModel, TimeProvider time, CancellationToken cancellationToken)
    {
        var query = new QueryReader(request.Query);
        var search = ProductSearch.Read(query);
        if (query.Errors is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        if (search.Filter.NamesOtherTenant(caller.Tenant))
        {
            return Problems.TenantMismatch();
        }

        var matching = search.Filter.Apply(readModel.Set<ProductRow>().AsNoTracking(), caller.Tenant, time.GetUtcNow());
        var total = await matching.LongCountAsync(cancellationToken);
        var rows = await search.Order(matching)
            .Skip((search.Page - 1) * search.PageSize)
            .Take(search.PageSize)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new EntityPage(total, [.. rows.Select(ProductSearch.ToEntity)]));
    }

    // Elements of one product are published in the order in which they stand.
    private static string? KeyOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("sk", out var sk) && sk.ValueKind == JsonValueKind.String
            ? sk.GetString()
            : null;
}

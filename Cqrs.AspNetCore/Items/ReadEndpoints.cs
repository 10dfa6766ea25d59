using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.AspNetCore.Limits;
using Cqrs.CommandLog;
using Cqrs.Items;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Cqrs.AspNetCore.Items;

/// <summary>Reading items by key, in lists, through their history, and how far their commands have come. Needs DynamoDB alone.</summary>
internal sealed class ReadEndpoints(ItemServices items)
{
    private const int MaxHistory = 1000;

    public void Map(RouteGroupBuilder group)
    {
        group.MapGet("/data/{pk}/{sk}", GetAsync).WithSummary("An item by its key")
            .WithHeader("If-None-Match", "An entity tag: 304 if the item still has that version")
            .Produces<Entity>().Produces(StatusCodes.Status304NotModified).ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/data/{pk}", ListAsync).WithSummary("A tenant's items in sk order")
            .WithQuery(
                new QueryParameter("limit", "1 to 1000; large items come in shorter pages", 10),
                new QueryParameter("startFromSk", "The page begins after this sk"),
                new QueryParameter("order", "asc or desc", "asc"),
                new QueryParameter("includeDeleted", "Whether softly deleted items are shown", false));
        group.MapGet("/history/{pk}/{sk}", ListHistoryAsync).WithSummary("Every accepted version of an item, newest first")
            .WithQuery(
                new QueryParameter("limit", "1 to 1000; large versions come in shorter pages", MaxHistory),
                new QueryParameter("before", "Only versions below this one", 0, HasDefault: false))
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/history/{pk}/{sk}/{version}", GetVersionAsync).WithSummary("One version of an item")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/command/{pk}/{sk}/{version}", GetCommandAsync).WithSummary("A command, and how far it has come")
            .WithQuery(new QueryParameter("wait", "Seconds to wait while it is pending, 0 to 30", 0))
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithRequestTimeout(TimeLimits.Patient);
    }

    private async Task<IResult> GetAsync(string pk, string sk, Caller caller, HttpContext http, CancellationToken cancellationToken)
    {
        if (await items.Repository.GetAsync(new ItemKey(pk, sk), caller.User, cancellationToken) is not { } item)
        {
            return Problems.NotFound("such item");
        }

        http.Response.Headers.ETag = PublishResults.ETagOf(item.Version);
        http.Response.Headers.CacheControl = ResponseHeaders.Revalidate;
        return IfNoneMatch.Names(http.Request, item.Version)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(Entity.From(item));
    }

    private async Task<Results<Ok<EntityList>, ProblemHttpResult>> ListAsync(
        string pk, Caller caller, HttpRequest http, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http.Query);
        var page = new ListPage(
            query.Int("limit", 10, 1, 1000),
            query.Text("startFromSk"),
            query.OneOf("order", false, ("asc", false), ("desc", true)),
            query.Flag("includeDeleted"));
        if (page.StartFromSk is { } start && Keys.CheckSk(start) is { } problem)
        {
            query.Error<string>("startFromSk", problem);
        }

        if (query.Errors is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        var found = await items.Repository.ListAsync(pk, page, caller.User, cancellationToken);
        return TypedResults.Ok(new EntityList([.. found.Items.Select(Entity.From)], found.LastSk));
    }

    private async Task<Results<Ok<EntityVersions>, ProblemHttpResult>> ListHistoryAsync(
        string pk, string sk, HttpRequest http, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http.Query);
        var limit = query.Int("limit", MaxHistory, 1, MaxHistory);
        var before = query.Int("before", 0, 1, int.MaxValue);
        if (query.Errors is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        var versions = await items.History.ListAsync(new ItemKey(pk, sk), limit, before == 0 ? null : before, cancellationToken);
        return versions.Count == 0 && before == 0
            ? Problems.NotFound("such item")
            : TypedResults.Ok(new EntityVersions([.. versions.Select(Entity.From)], versions is [.., { Version: > 1 and var oldest }] ? oldest : null));
    }

    private async Task<Results<Ok<Entity>, ProblemHttpResult>> GetVersionAsync(
        string pk, string sk, string version, CancellationToken cancellationToken)
    {
        if (VersionInPath.Read(version) is not { } number)
        {
            return VersionInPath.Problem;
        }

        return await items.History.GetAsync(new ItemKey(pk, sk), number, cancellationToken) is { } command
            ? TypedResults.Ok(Entity.From(command))
            : Problems.NotFound("such version");
    }

    private async Task<Results<Ok<CommandEntity>, ProblemHttpResult>> GetCommandAsync(
        string pk, string sk, string version, HttpRequest http, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http.Query);
        var wait = query.Int("wait", 0, 0, 30);
        if (query.Errors is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        if (VersionInPath.Read(version) is not { } number)
        {
            return VersionInPath.Problem;
        }

        return await items.Status.GetAsync(new ItemKey(pk, sk), number, TimeSpan.FromSeconds(wait), cancellationToken) is var (command, status)
            ? TypedResults.Ok(new CommandEntity(command, status))
            : Problems.NotFound("such command");
    }
}

using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.Items;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Cqrs.AspNetCore.Items;

/// <summary>Changing an item that exists. Everything but the purge is a new version.</summary>
internal sealed class ChangeEndpoints<TRequest>(ItemServices items, Rules rules)
    where TRequest : ItemRequest
{
    public void Map(RouteGroupBuilder group)
    {
        Describe(group.MapPatch("/data/{pk}/{sk}", PatchAsync), "Changes an item by a JSON merge patch")
            .Accepts<TRequest>(ContentTypes.Patches[0], ContentTypes.Patches[1..])
            .WithMetadata(new RequestSizeLimitAttribute(PublishEndpoints<TRequest>.MaxBodyBytes));
        Describe(group.MapDelete("/data/{pk}/{sk}", DeleteAsync), "Deletes an item softly");
        Describe(group.MapPost("/data/{pk}/{sk}/restore", RestoreAsync), "Restores a softly deleted item");
        Describe(group.MapPost("/data/{pk}/{sk}/rollback/{version}", RollbackAsync), "Makes an older version's content the newest version");
        group.MapPost("/data/{pk}/{sk}/duplicate", DuplicateAsync)
            .Produces<Entity>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Makes a new item with the same content but the code");
        group.MapPost("/data/{pk}/{sk}/purge", PurgeAsync)
            .RequireAuthorization(TenantPolicy.Admins)
            .Produces(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Removes an item and all that is known of it, for good (admins only)");
    }

    private async Task<IResult> PatchAsync(
        string pk, string sk, JsonBody<TRequest> body, Caller caller, HttpRequest http, CancellationToken cancellationToken)
    {
        var (match, error) = IfMatch.Read(http);
        if (error is not null)
        {
            return Problems.Validation([error]);
        }

        if (ItemDecisions.NamesOtherTenant(body.Value, caller.Tenant))
        {
            return Problems.TenantMismatch();
        }

        if ((match ?? body.Value.Version) is not { } version)
        {
            return Problems.Validation("If-Match", "or a version in the body is required");
        }

        if (version == Keys.VersionFirst)
        {
            return Problems.Validation("version", "must be the version you have seen, or -1 for the newest");
        }

        var key = new ItemKey(pk, sk);
        var patch = (JsonObject)KnownMembers.Filter(JsonObject.Create(body.Json), typeof(TRequest))!;
        var errors = ItemDecisions.CheckDerived(body.Value, key, items.Module, caller.Tenant);
        errors.AddRange(ItemDecisions.CheckPatch(body.Value, patch, key, version, items.Module, caller.Tenant));
        if (errors.Count > 0)
        {
            return Problems.Validation(errors);
        }

        return await UpdateAsync(key, version, current => ItemDecisions.Patch(current, body.Value, patch), caller, cancellationToken);
    }

    private Task<IResult> DeleteAsync(string pk, string sk, Caller caller, HttpRequest http, CancellationToken cancellationToken) =>
        UpdateAsync(pk, sk, ItemDecisions.Delete, caller, http, cancellationToken);

    private Task<IResult> RestoreAsync(string pk, string sk, Caller caller, HttpRequest http, CancellationToken cancellationToken) =>
        UpdateAsync(pk, sk, ItemDecisions.Restore, caller, http, cancellationToken);

    private async Task<IResult> RollbackAsync(
        string pk, string sk, string version, Caller caller, HttpRequest http, CancellationToken cancellationToken)
    {
        if (VersionInPath.Read(version) is not { } number)
        {
            return VersionInPath.Problem;
        }

        if (await items.History.GetAsync(new ItemKey(pk, sk), number, cancellationToken) is not { } to)
        {
            return Problems.NotFound("such version");
        }

        var now = items.Time.GetUtcNow();
        return await UpdateAsync(pk, sk, current => ItemDecisions.Rollback(current, to, now), caller, http, cancellationToken);
    }

    private async Task<IResult> DuplicateAsync(string pk, string sk, Caller caller, CancellationToken cancellationToken)
    {
        if (await items.Commands.GetNewestAsync(new ItemKey(pk, sk), cancellationToken) is not { } original)
        {
            return Problems.NotFound("such item");
        }

        var copy = ItemDecisions.Duplicate(original, new ItemKey(pk, Keys.GenerateSk()));
        var result = await items.Commands.PublishAsync(
            copy.Key, copy.Version, current => rules(copy, current), Options(caller), cancellationToken: cancellationToken);
        return PublishResults.ToHttp(result, items.Route);
    }

    private async Task<IResult> PurgeAsync(string pk, string sk, CancellationToken cancellationToken) =>
        await items.Purge.PurgeAsync(new ItemKey(pk, sk), cancellationToken)
            ? TypedResults.Accepted((string?)null)
            : Problems.NotFound("such item");

    private async Task<IResult> UpdateAsync(
        string pk,
        string sk,
        Func<ItemModel, CommandInput> change,
        Caller caller,
        HttpRequest http,
        CancellationToken cancellationToken,
        [CallerMemberName] string method = "")
    {
        var (match, error) = IfMatch.Read(http);
        return error is not null
            ? Problems.Validation([error])
            : await UpdateAsync(new ItemKey(pk, sk), match ?? Keys.VersionLatest, change, caller, cancellationToken, method);
    }

    private async Task<IResult> UpdateAsync(
        ItemKey key,
        long version,
        Func<ItemModel, CommandInput> change,
        Caller caller,
        CancellationToken cancellationToken,
        [CallerMemberName] string method = "")
    {
        var result = await items.Commands.UpdateAsync(
            key, version, current => rules(change(current), current), Options(caller, method), cancellationToken: cancellationToken);
        return PublishResults.ToHttp(result, items.Route);
    }

    private CommandOptions Options(Caller caller, [CallerMemberName] string method = "") =>
        new(CommandSource.Get(items.Module.Name, "ChangeEndpoints", method.Replace("Async", "", StringComparison.Ordinal)), caller.Context);

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, string summary) => endpoint
        .Produces<Entity>()
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .WithHeader("If-Match", "The version that you have seen, as entity tag (\"3\"), or * for the newest")
        .WithSummary(summary);
}

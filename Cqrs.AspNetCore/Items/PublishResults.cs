using System.Globalization;
using Cqrs.AspNetCore.Http;
using Cqrs.Items;
using Cqrs.Publishing;
using Microsoft.AspNetCore.Http;

namespace Cqrs.AspNetCore.Items;

/// <summary>The answers of a publish over HTTP.</summary>
public static class PublishResults
{
    /// <summary>Returns the status of an accepted command: created or updated.</summary>
    public static int StatusOf(CommandModel command) => command.Version == 1 ? StatusCodes.Status201Created : StatusCodes.Status200OK;

    public static IResult ToHttp(PublishResult result, string route) => result switch
    {
        PublishResult.Accepted(var command) => new ItemResult(command, route, StatusOf(command)),
        PublishResult.Pending(var command) => new ItemResult(command, route, StatusCodes.Status202Accepted),
        PublishResult.Unchanged(var current) => new ItemResult(current, route, StatusCodes.Status204NoContent),
        _ => Problems.Of(result),
    };

    /// <summary>Returns the path of an item: its key, percent-encoded.</summary>
    public static string PathOf(string route, ItemKey key) => $"{route}/data/{Uri.EscapeDataString(key.Pk)}/{Uri.EscapeDataString(key.Sk)}";

    public static string ETagOf(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    private sealed class ItemResult(ItemModel item, string route, int status) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            context.Response.Headers.Location = PathOf(route, item.Key);
            context.Response.Headers.ETag = ETagOf(item.Version);
            IResult answer = status == StatusCodes.Status204NoContent
                ? TypedResults.NoContent()
                : TypedResults.Json(Entity.From(item), ApiJson.Options, statusCode: status);
            return answer.ExecuteAsync(context);
        }
    }
}

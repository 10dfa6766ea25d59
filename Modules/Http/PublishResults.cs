using System.Globalization;
using Cqrs;
using Microsoft.AspNetCore.Http;

namespace Modules.Http;

/// <summary>What a publish answers over HTTP.</summary>
public static class PublishResults
{
    /// <summary>The status of an accepted command: created or updated.</summary>
    public static int StatusOf(CommandModel command) => command.Version == 1 ? StatusCodes.Status201Created : StatusCodes.Status200OK;

    public static IResult ToHttp(PublishResult result, string route) => result switch
    {
        PublishResult.Accepted(var command) => new EntityResult(command, route, StatusOf(command)),
        PublishResult.Pending(var command) => new EntityResult(command, route, StatusCodes.Status202Accepted),
        PublishResult.Unchanged => TypedResults.NoContent(),
        _ => Problems.Of(result),
    };

    /// <summary>The path of an item: its key, percent-encoded.</summary>
    public static string PathOf(string route, ItemKey key) => $"{route}/data/{Uri.EscapeDataString(key.Pk)}/{Uri.EscapeDataString(key.Sk)}";

    public static string ETagOf(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    private sealed class EntityResult(CommandModel command, string route, int status) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            context.Response.Headers.Location = PathOf(route, command.Key);
            context.Response.Headers.ETag = ETagOf(command.Version);
            return TypedResults.Json(Entity.From(command), ApiJson.Options, statusCode: status).ExecuteAsync(context);
        }
    }
}

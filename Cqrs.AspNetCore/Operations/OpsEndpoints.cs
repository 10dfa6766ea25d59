using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.AspNetCore.Items;
using Cqrs.AspNetCore.Limits;
using Cqrs.Operations;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cqrs.AspNetCore.Operations;

/// <summary>A shard: who reads it, how far, and how far behind.</summary>
public sealed record ShardState(string Module, string ShardId, string? Owner, string? Checkpoint, long LagMs, DateTimeOffset RenewedAt);

/// <summary>How the projection stands.</summary>
/// <param name="LagMs">
/// The largest lag of a shard; null while no worker has read one, and nobody knows it, as where an event source mapping reads them: its own
/// metric tells it.
/// </param>
/// <param name="Parked">How many commands are parked.</param>
/// <param name="Shards">The shards that are being read.</param>
public sealed record SyncReport(long? LagMs, int Parked, IReadOnlyList<ShardState> Shards);

/// <summary>A parked command, or a record of the stream that cannot be read as one, for people.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Module">The module.</param>
/// <param name="Handler">The part that could not apply it: a handler, <c>data</c> or, if it cannot be read, <c>stream</c>.</param>
/// <param name="Pk">The partition key in the command table, if it can be read.</param>
/// <param name="Sk">The sort key in the command table, with the version, if it can be read.</param>
/// <param name="Command">The command, if it can be read.</param>
/// <param name="Reason">Why.</param>
/// <param name="Stack">Where in the code.</param>
/// <param name="Position">Shard and sequence number.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="ParkedAt">When it was parked.</param>
public sealed record ParkedReport(
    string Id,
    string Module,
    string Handler,
    string? Pk,
    string? Sk,
    Entity? Command,
    string Reason,
    string Stack,
    string? Position,
    int Attempts,
    DateTimeOffset ParkedAt);

/// <summary>The endpoints of operators. They concern all tenants, so only a system admin of all tenants may use them.</summary>
internal static class OpsEndpoints
{
    public static void MapOps(this IEndpointRouteBuilder app)
    {
        var ops = app.MapGroup("/api/ops").RequireAuthorization(SystemAdminPolicy.Name).WithTags("ops").AnswerInTime()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        ops.MapGet("/sync", GetSyncAsync).WithSummary("How far the read models are behind, shard by shard");
        ops.MapGet("/parked", GetParked).WithSummary("Commands that a handler kept failing on, and records that cannot be read");
        ops.MapPost("/parked/{id}/replay", ReplayAsync).WithSummary("Hands a parked command to its handler again")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Ok<SyncReport>> GetSyncAsync(
        IEnumerable<CqrsModule> modules,
        ParkedCommands parked,
        IServiceProvider services,
        CancellationToken cancellationToken)
    {
        var shards = new List<ShardState>();
        foreach (var module in modules)
        {
            var leases = await services.GetRequiredKeyedService<ShardLag>(module.Name).GetShardsAsync(cancellationToken);
            shards.AddRange(leases.Select(lease =>
                new ShardState(module.Name, lease.ShardId, lease.Owner, lease.Checkpoint, lease.LagMs, lease.RenewedAt)));
        }

        var parkedCount = await parked.CountUnresolvedAsync(cancellationToken);
        return TypedResults.Ok(new SyncReport(shards.Max(shard => (long?)shard.LagMs), parkedCount, shards));
    }

    private static Ok<IAsyncEnumerable<ParkedReport>> GetParked(ParkedCommands parked, CancellationToken cancellationToken) =>
        TypedResults.Ok(parked.ReadUnresolvedAsync(cancellationToken)
            .Select(command => new ParkedReport(
                command.Id,
                command.Module,
                command.Handler,
                command.Pk,
                command.Sk,
                command.Command is { } readable ? Entity.From(readable) : null,
                command.Reason,
                command.Stack,
                command.Position,
                command.Attempts,
                command.ParkedAt)));

    private static async Task<Results<NoContent, ProblemHttpResult>> ReplayAsync(
        string id, ParkedCommands parked, CancellationToken cancellationToken) =>
        await parked.ReplayAsync(id, cancellationToken) switch
        {
            null => Problems.NotFound("such parked command"),
            "" => TypedResults.NoContent(),
            var reason => Problems.Of(StatusCodes.Status409Conflict, "still-failing", $"The command failed again: {reason}"),
        };
}

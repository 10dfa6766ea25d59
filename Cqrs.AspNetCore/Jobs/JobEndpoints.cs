using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Identity;
using Cqrs.Postgres.Jobs;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Cqrs.AspNetCore.Jobs;

/// <summary>A job as the API shows it.</summary>
public sealed record JobState(string Id, string Kind, string Pk, JobStatus Status, long Total, long Done, long Failed, string? Error);

/// <summary>Asks for jobs and shows how they go. A module maps them on its own group.</summary>
internal static class JobEndpoints
{
    public static void MapResync(this RouteGroupBuilder group, CqrsModule module)
    {
        group.MapPut("/resync-data/{pk}", (string pk, Caller caller, HttpContext http, JobQueue jobs, CancellationToken ct) =>
                QueueResyncAsync(module, pk, caller, http, jobs, ct))
            .WithSummary("Writes a tenant's data into the read model again");
        group.MapGet("/jobs/{id}", GetAsync).WithSummary("How a job goes").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Accepted<JobState>> QueueResyncAsync(
        CqrsModule module, string pk, Caller caller, HttpContext http, JobQueue jobs, CancellationToken cancellationToken)
    {
        var job = await jobs.AddResyncAsync(module, pk, caller.User, cancellationToken);
        return TypedResults.Accepted($"{http.Request.PathBase}/api/{module.Name}/jobs/{job.Id}", ToState(job));
    }

    private static async Task<Results<Ok<JobState>, ProblemHttpResult>> GetAsync(
        string id, Caller caller, JobQueue jobs, CancellationToken cancellationToken) =>
        await jobs.FindAsync(id, caller.Tenant, cancellationToken) is { } job ? TypedResults.Ok(ToState(job)) : Problems.NotFound("such job");

    private static JobState ToState(Job job) => new(job.Id, job.Kind, job.Pk, job.Status, job.Total, job.Done, job.Failed, job.Error);
}

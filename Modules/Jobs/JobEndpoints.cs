using Cqrs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Modules.Http;
using Modules.Identity;
using Modules.ReadModel;
using Npgsql;

namespace Modules.Jobs;

/// <summary>A job as the API shows it.</summary>
public sealed record JobState(string Id, string Kind, string Pk, JobStatus Status, long Total, long Done, long Failed, string? Error);

/// <summary>Asks for jobs and shows how they go. A module maps them on its own group.</summary>
internal static class JobEndpoints
{
    public static void MapResync(this RouteGroupBuilder group, CqrsModule module)
    {
        group.MapPut("/resync-data/{pk}", (string pk, Caller caller, HttpContext http, ReadModelContext readModel, TimeProvider time, CancellationToken ct) =>
                QueueResyncAsync(module, pk, caller, http, readModel, time, ct))
            .WithSummary("Writes a tenant's data into the read model again");
        group.MapGet("/jobs/{id}", GetAsync).WithSummary("How a job goes").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Accepted<JobState>> QueueResyncAsync(
        CqrsModule module, string pk, Caller caller, HttpContext http, ReadModelContext readModel, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var job = new Job
        {
            Id = Keys.GenerateSk(),
            TenantCode = caller.Tenant,
            Module = module.Name,
            Kind = "resync",
            Pk = pk,
            CreatedBy = caller.User.UserId,
            CreatedAt = now,
            UpdatedAt = now,
        };
        readModel.Jobs.Add(job);
        try
        {
            await readModel.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException again) when (again.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // The answer to it was lost, and EF sent it again: nobody else makes this id.
        }

        return TypedResults.Accepted($"{http.Request.PathBase}/api/{module.Name}/jobs/{job.Id}", ToState(job));
    }

    private static async Task<Results<Ok<JobState>, ProblemHttpResult>> GetAsync(
        string id, Caller caller, ReadModelContext readModel, CancellationToken cancellationToken) =>
        await readModel.Jobs.AsNoTracking().SingleOrDefaultAsync(j => j.Id == id && j.TenantCode == caller.Tenant, cancellationToken) is { } job
            ? TypedResults.Ok(ToState(job))
            : Problems.NotFound("such job");

    private static JobState ToState(Job job) => new(job.Id, job.Kind, job.Pk, job.Status, job.Total, job.Done, job.Failed, job.Error);
}

using Cqrs.Items;
using Cqrs.Tables;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Cqrs.Postgres.Jobs;

/// <summary>Takes jobs in for the workers, and finds them.</summary>
internal sealed class JobQueue(ReadModelContext readModel, TimeProvider time)
{
    /// <summary>Queues a resync of a tenant's rows.</summary>
    public async Task<Job> AddResyncAsync(CqrsModule module, string pk, UserContext user, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var job = new Job
        {
            Id = Keys.GenerateSk(),
            TenantCode = user.TenantCode,
            Module = module.Name,
            Kind = "resync",
            Pk = pk,
            CreatedBy = user.UserId,
            CreatedAt = now,
            UpdatedAt = now,
        };
        readModel.Add(job);
        try
        {
            await readModel.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException again) when (again.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // The first answer was lost, and EF sent the job again. No other job has this id.
        }

        return job;
    }

    /// <summary>Returns a job of a tenant; null if the tenant has none with the id.</summary>
    public Task<Job?> FindAsync(string id, string tenant, CancellationToken cancellationToken) =>
        readModel.Set<Job>().AsNoTracking().SingleOrDefaultAsync(job => job.Id == id && job.TenantCode == tenant, cancellationToken);
}

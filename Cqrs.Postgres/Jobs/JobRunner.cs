using Cqrs.Operations;
using Cqrs.Projection;
using Cqrs.Streams;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cqrs.Postgres.Jobs;

/// <summary>
/// Does the jobs, one at a time. A job is claimed by one worker; if that worker dies or hangs, another goes on where it was, and only that one
/// says from then on how the job goes.
/// </summary>
internal sealed partial class JobRunner(
    IServiceScopeFactory scopes, IServiceProvider services, SchemaReady schema, ILogger<JobRunner> logger)
    : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    // Well below the time after which a job counts as left behind.
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(4);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var context = scope.ServiceProvider.GetRequiredService<ReadModelContext>();
                if (await ClaimAsync(context, stoppingToken) is { } job)
                {
                    using var done = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                    var beating = BeatAsync(job.Id, job.Claim, done.Token);
                    try
                    {
                        await RunAsync(context, job, stoppingToken);
                    }
                    finally
                    {
                        await done.CancelAsync();
                        await beating;
                    }

                    continue;
                }
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogPollFailed(fault);
            }

            await Task.Delay(PollInterval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // The database's clock alone tells whether a job was left behind.
    private static async Task<Job?> ClaimAsync(ReadModelContext context, CancellationToken cancellationToken)
    {
        var claimed = await context.Set<Job>()
            .FromSql($"""
                UPDATE jobs SET status = 'RUNNING', claim = claim + 1, updated_at = now()
                WHERE id = (
                    SELECT id FROM jobs
                    WHERE status = 'QUEUED' OR (status = 'RUNNING' AND updated_at < now() - interval '15 seconds')
                    ORDER BY created_at
                    FOR UPDATE SKIP LOCKED
                    LIMIT 1)
                RETURNING *
                """)
            .AcrossTenants()
            .ToListAsync(cancellationToken);
        return claimed.SingleOrDefault();
    }

    private async Task RunAsync(ReadModelContext context, Job job, CancellationToken cancellationToken)
    {
        try
        {
            var resync = services.GetRequiredKeyedService<Resync>(job.Module);
            job.Total = await resync.CountAsync(job.Pk, cancellationToken);
            await foreach (var (lastSk, rows, refused) in resync.WriteRowsAsync(job.Pk, job.Cursor, cancellationToken))
            {
                job.Cursor = lastSk;
                job.Done += rows;
                job.Failed += refused;
                if (!await SaveAsync(context, job, cancellationToken))
                {
                    return;
                }
            }

            var removed = await resync.RemoveStaleRowsAsync(job.Pk, cancellationToken);
            job.Status = JobStatus.Completed;
            if (await SaveAsync(context, job, cancellationToken))
            {
                LogCompleted(job.Id, job.Pk, job.Done, removed);
            }
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested && !StoreFaults.IsStoreFault(fault))
        {
            // A fault of a store is none of the job's: it goes on from where it was.
            LogFailed(fault, job.Id, job.Pk);
            job.Status = JobStatus.Failed;
            job.Error = fault.Message;
            await SaveAsync(context, job, cancellationToken);
        }
    }

    // A page with much to give up, or many rows to take down, takes longer than a job may stand still.
    private async Task BeatAsync(string id, long claim, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BeatInterval);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(cancellationToken);
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<ReadModelContext>().Set<Job>().AcrossTenants()
                    .Where(job => job.Id == id && job.Claim == claim && job.Status == JobStatus.Running)
                    .ExecuteUpdateAsync(set => set.SetProperty(job => job.UpdatedAt, _ => DateTimeOffset.UtcNow), cancellationToken);
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
            {
                LogBeatFailed(fault, id);
            }
            catch (OperationCanceledException)
            {
                // The job has ended.
            }
        }
    }

    // False if the job is another's by now. DateTimeOffset.UtcNow becomes now(): the database's clock.
    private async Task<bool> SaveAsync(ReadModelContext context, Job job, CancellationToken cancellationToken)
    {
        var saved = await context.Set<Job>().AcrossTenants().Where(j => j.Id == job.Id && j.Claim == job.Claim).ExecuteUpdateAsync(
            set => set
                .SetProperty(j => j.Status, job.Status)
                .SetProperty(j => j.Total, job.Total)
                .SetProperty(j => j.Done, job.Done)
                .SetProperty(j => j.Failed, job.Failed)
                .SetProperty(j => j.Error, job.Error)
                .SetProperty(j => j.Cursor, job.Cursor)
                .SetProperty(j => j.UpdatedAt, _ => DateTimeOffset.UtcNow),
            cancellationToken);
        if (saved == 0)
        {
            LogLost(job.Id, job.Pk);
        }

        return saved > 0;
    }

    [LoggerMessage(LogLevel.Warning, "Looking for jobs failed.")]
    private partial void LogPollFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "Job {Id} could not show that it goes on; another worker may begin it too.")]
    private partial void LogBeatFailed(Exception exception, string id);

    [LoggerMessage(LogLevel.Warning, "Job {Id} on {Pk} stood still for long: another worker has claimed it.")]
    private partial void LogLost(string id, string pk);

    [LoggerMessage(LogLevel.Information, "Job {Id}: {Pk} is in step again; {Written} rows written, {Removed} removed.")]
    private partial void LogCompleted(string id, string pk, long written, int removed);

    [LoggerMessage(LogLevel.Error, "Job {Id} on {Pk} failed.")]
    private partial void LogFailed(Exception exception, string id, string pk);
}

using System.Diagnostics;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.Streams;

/// <summary>Renews one lease and saves the checkpoint with it, until it is released or lost.</summary>
internal sealed partial class LeaseKeeper(
    ShardLeaseStore leases, ShardLease lease, CqrsModule module, ProjectionState state, StreamOptions options, ILogger logger)
{
    private ShardLease _lease = lease;

    /// <summary>Renews until <paramref name="done"/>; cancels <paramref name="lost"/> when the lease is another's or may be by now.</summary>
    public async Task KeepAsync(
        Func<string?> checkpoint, CancellationTokenSource lost, CancellationToken done)
    {
        var renewedAt = Stopwatch.GetTimestamp();
        while (!done.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(options.RenewInterval, done);
                using var timeout = new CancellationTokenSource(options.RenewInterval);
                if (await leases.TryRenewAsync(_lease, checkpoint(), isFinished: false, state.LagMs(_lease.ShardId), timeout.Token) is not { } renewed)
                {
                    LogLost(_lease.ShardId);
                    CqrsTelemetry.CountLease(module, "lost");
                    await lost.CancelAsync();
                    return;
                }

                _lease = renewed;
                renewedAt = Stopwatch.GetTimestamp();
            }
            catch (OperationCanceledException) when (done.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                LogRenewFailed(fault, _lease.ShardId);
                if (Stopwatch.GetElapsedTime(renewedAt) > options.LeaseTimeout)
                {
                    // Another worker may have the shard by now.
                    await lost.CancelAsync();
                    return;
                }
            }
        }
    }

    /// <summary>Saves the last checkpoint and gives the shard up; if that fails, the lease runs out by itself.</summary>
    public async Task ReleaseAsync(string? checkpoint, bool isFinished)
    {
        using var timeout = new CancellationTokenSource(options.RenewInterval);
        try
        {
            if (isFinished)
            {
                await leases.TryRenewAsync(_lease, checkpoint, isFinished: true, lagMs: 0, timeout.Token);
            }
            else
            {
                await leases.TryReleaseAsync(_lease, checkpoint, timeout.Token);
            }

            CqrsTelemetry.CountLease(module, "released");
        }
        catch (Exception fault)
        {
            LogReleaseFailed(fault, _lease.ShardId);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The lease of shard {ShardId} was lost to another worker.")]
    private partial void LogLost(string shardId);

    [LoggerMessage(LogLevel.Warning, "Renewing the lease of shard {ShardId} failed.")]
    private partial void LogRenewFailed(Exception exception, string shardId);

    [LoggerMessage(LogLevel.Warning, "Releasing the lease of shard {ShardId} failed; it runs out by itself.")]
    private partial void LogReleaseFailed(Exception exception, string shardId);
}

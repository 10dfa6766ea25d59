using System.Globalization;
using Cqrs.Items;
using Cqrs.Notifications;
using Cqrs.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cqrs.Postgres.Events;

/// <summary>
/// Forwards events to an SNS topic, each at least once and in the order of ids. Every worker tries; the one that locks the topic's checkpoint
/// forwards a batch, and saves in the same transaction how far it came.
/// </summary>
internal sealed partial class EventForwarder(
    NpgsqlDataSource dataSource, EventReader reader, SnsTopic topic, SchemaReady schema, ILogger<EventForwarder> logger) : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitAsync(stoppingToken);
        var wake = new EventWake(dataSource, logger);
        var listening = wake.ListenAsync(stoppingToken);
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var hasForwarded = await ForwardBatchAsync(stoppingToken);
                failures = 0;
                if (!hasForwarded)
                {
                    await wake.WaitAsync(stoppingToken);
                }
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogHeld(fault, topic.Arn, ++failures);
                await Task.Delay(Backoff.Delay(failures, FirstRetry, LongestRetry), stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await listening;
    }

    /// <returns>Whether there was something to forward, and there may be more.</returns>
    private async Task<bool> ForwardBatchAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await CheckpointStatements.LockAsync(connection, topic.Arn, cancellationToken) is not { } last
            || await reader.ReadAsync(last, SnsTopic.MaxBatch, cancellationToken) is not { Count: > 0 } events)
        {
            return false;
        }

        // From here on a stop is not heard: it would have the batch published twice. The request has a limit of its own.
        var refused = await topic.PublishBatchAsync([.. events.Select(ToMessage)], CancellationToken.None);
        // The events after a refused one are published once more, so that they are also seen after it.
        if (events.TakeWhile(next => !refused.ContainsKey(IdOf(next))).LastOrDefault() is { } done)
        {
            await CheckpointStatements.SaveAsync(connection, topic.Arn, done.Id, CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
        }

        if (refused.Count > 0)
        {
            throw new HttpRequestException($"SNS refused {string.Join("; ", refused.Select(one => $"{one.Key}: {one.Value}"))}.");
        }

        return true;
    }

    private static SnsMessage ToMessage(CommandEvent next) => new(
        IdOf(next),
        next.ToWholeJson(),
        next.Pk,
        new Dictionary<string, string>
        {
            ["tenantCode"] = next.TenantCode,
            ["type"] = next.Pk.Split(Keys.KeySeparator)[0],
            ["status"] = next.Status,
        });

    private static string IdOf(CommandEvent next) => next.Id.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(LogLevel.Warning, "Events are not forwarded to {TopicArn}, for the {Failures}. time; it is tried again.")]
    private partial void LogHeld(Exception exception, string topicArn, int failures);
}

using Cqrs.CommandLog;
using Cqrs.Tables;
using Microsoft.Extensions.Logging;

namespace Cqrs.Projection;

/// <summary>Parks the records of a stream that cannot be read, so that they block no other record, and raises one alarm for each.</summary>
internal sealed partial class RecordParking(
    CqrsModule module, ParkedStore parked, IEnumerable<IAlarmPublisher> alarms, ILogger<RecordParking> logger)
{
    /// <summary>The name under which such a record is parked.</summary>
    public const string Target = "stream";

    private const int AtOnce = 8;

    /// <summary>Parks records.</summary>
    /// <param name="records">The records.</param>
    /// <param name="shardId">Where they come from; null if from the command table itself.</param>
    /// <param name="cancellationToken">Stops it; it is then to be done again.</param>
    public Task ParkAsync(IReadOnlyList<UnreadableRecord> records, string? shardId, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        records,
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
        async (record, token) => await ParkAsync(record, shardId is null ? null : $"{shardId} {record.Place}", token));

    private Task ParkAsync(UnreadableRecord record, string? position, CancellationToken cancellationToken) => parked.ParkAsync(
        record,
        position,
        async () =>
        {
            var keys = record is { Pk: not null, Sk: not null } ? $"{record.Pk} / {record.Sk}" : "A record without readable keys";
            LogSetAside(keys, position, record.Reason);
            CqrsTelemetry.Parked.Add(1, new("cqrs.module", module.Name), new("cqrs.handler", Target));
            var alarm = new Alarm(
                $"{module.Name}: a record was set aside", $"{keys} ({position ?? "in the command table"}) cannot be read as a command: {record.Reason}");
            await Task.WhenAll(alarms.Select(publisher => publisher.RaiseAsync(alarm, cancellationToken)));
        },
        cancellationToken);

    [LoggerMessage(LogLevel.Error, "{Keys} at {Position} cannot be read as a command; it is parked. {Reason}")]
    private partial void LogSetAside(string keys, string? position, string reason);
}

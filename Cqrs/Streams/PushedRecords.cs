using Cqrs.CommandLog;

namespace Cqrs.Streams;

/// <summary>
/// Projects stream records that are pushed. On AWS, an event source mapping reads the stream and pushes the records.
/// </summary>
public sealed class PushedRecords
{
    private readonly BatchProjection _projection;

    internal PushedRecords(BatchProjection projection) => _projection = projection;

    /// <summary>Projects a batch. Returns when every read model has it, or single commands at fault are parked.</summary>
    /// <exception cref="Exception">A store has failed. The whole batch is to be repeated.</exception>
    public Task ProjectAsync(IReadOnlyList<Record> records, CancellationToken cancellationToken) =>
        _projection.ProjectOnceAsync(records, cancellationToken);
}

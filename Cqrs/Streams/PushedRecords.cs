using Cqrs.CommandLog;

namespace Cqrs.Streams;

/// <summary>
/// Projects stream records that are pushed rather than read: on AWS, an event source mapping is the engine that reads the stream, and scales.
/// </summary>
public sealed class PushedRecords
{
    private readonly BatchProjection _projection;

    internal PushedRecords(BatchProjection projection) => _projection = projection;

    /// <summary>Projects a batch. Returns when every read model has it, or single commands at fault are parked.</summary>
    /// <exception cref="Exception">A fault of a store: nothing of the batch counts as done.</exception>
    public Task ProjectAsync(IReadOnlyList<Record> records, CancellationToken cancellationToken) =>
        _projection.ProjectOnceAsync(records, cancellationToken);
}

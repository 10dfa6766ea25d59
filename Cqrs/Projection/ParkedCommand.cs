using Cqrs.Items;

namespace Cqrs.Projection;

/// <summary>A command that a handler kept failing on, or a record of the stream that cannot be read. The other commands have gone on without it.</summary>
/// <param name="Id">Names it: <c>{module}:{handler}:{command id}@{version}</c>, encoded for use in a path.</param>
/// <param name="Module">The module.</param>
/// <param name="Handler">The handler that failed; <c>data</c> if it was the data table, and <c>stream</c> if the record cannot be read.</param>
/// <param name="Pk">The partition key in the command table; null if it cannot be read.</param>
/// <param name="Sk">The sort key in the command table, with the version; null if it cannot be read.</param>
/// <param name="Command">The command, whole; null if it cannot be read.</param>
/// <param name="Reason">The message of the handler's exception.</param>
/// <param name="Stack">Where it failed.</param>
/// <param name="Position">Where in the stream it stands: shard and sequence number; null if it did not come from the stream.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="ParkedAt">When it was parked.</param>
public sealed record ParkedCommand(
    string Id,
    string Module,
    string Handler,
    string? Pk,
    string? Sk,
    CommandModel? Command,
    string Reason,
    string Stack,
    string? Position,
    int Attempts,
    DateTimeOffset ParkedAt)
{
    /// <summary>Gets the version of an item that it is about; null if its keys cannot be read.</summary>
    public KeyVersion? Item =>
        Pk is not null && Sk is not null && Keys.GetSortKeyVersion(Sk) is { } version ? new(new ItemKey(Pk, Keys.RemoveSortKeyVersion(Sk)), version) : null;
}

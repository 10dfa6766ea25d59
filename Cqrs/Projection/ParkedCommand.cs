namespace Cqrs;

/// <summary>A command that a handler kept failing on. The other commands have gone on without it.</summary>
/// <param name="Id">Names it: <c>{module}:{handler}:{command id}@{version}</c>, encoded for use in a path.</param>
/// <param name="Module">The module.</param>
/// <param name="Handler">The handler that failed.</param>
/// <param name="Command">The command, whole.</param>
/// <param name="Reason">What the handler said.</param>
/// <param name="Stack">Where it failed.</param>
/// <param name="Position">Where in the stream it stands: shard and sequence number; null if it did not come from the stream.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="ParkedAt">When it was parked.</param>
public sealed record ParkedCommand(
    string Id,
    string Module,
    string Handler,
    CommandModel Command,
    string Reason,
    string Stack,
    string? Position,
    int Attempts,
    DateTimeOffset ParkedAt);

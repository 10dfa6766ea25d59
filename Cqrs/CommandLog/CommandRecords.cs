using Cqrs.Items;

namespace Cqrs.CommandLog;

/// <summary>Reads the commands from the stream records of a command table.</summary>
internal static class CommandRecords
{
    /// <summary>
    /// Returns the inserted commands, the items with removed commands, and the records that cannot be read. The mark of a failure on a command is ignored,
    /// and so are items whose key has no version.
    /// </summary>
    public static CommandChanges Read(IEnumerable<Record> records)
    {
        var commands = new List<CommandModel>();
        var removed = new List<ItemKey>();
        var unreadable = new List<UnreadableRecord>();
        foreach (var record in records)
        {
            var pk = record.Dynamodb.Keys.GetValueOrDefault("pk")?.S;
            var sk = record.Dynamodb.Keys.GetValueOrDefault("sk")?.S;
            if (record.EventName == "MODIFY" || (pk is not null && sk is not null && Keys.GetSortKeyVersion(sk) is null))
            {
                continue;
            }

            if (record.EventName == "REMOVE" && pk is not null && sk is not null)
            {
                removed.Add(new ItemKey(pk, Keys.RemoveSortKeyVersion(sk)));
                continue;
            }

            try
            {
                commands.Add(ReadCommand(record, pk, sk));
            }
            catch (FormatException malformed)
            {
                unreadable.Add(new(pk, sk, record.Dynamodb.SequenceNumber is { Length: > 0 } number ? number : record.EventID ?? "", malformed.Message));
            }
        }

        return new(commands, [.. removed.Distinct()], unreadable);
    }

    private static CommandModel ReadCommand(Record record, string? pk, string? sk) => record switch
    {
        { Unreadable: { } reason } => throw new FormatException(reason),
        _ when pk is null || sk is null => throw new FormatException("A record of a command table must have the keys pk and sk, and both must be texts."),
        { EventName: "INSERT", Dynamodb.NewImage: { } image } => ItemFormat.ToCommand(image),
        _ => throw new FormatException("A record of a command table must be an INSERT with its new image, a MODIFY or a REMOVE."),
    };
}

/// <summary>The content of records of a command table's stream.</summary>
/// <param name="Commands">The commands that were inserted.</param>
/// <param name="Removed">The items of which commands were removed.</param>
/// <param name="Unreadable">The records that cannot be read.</param>
internal sealed record CommandChanges(
    IReadOnlyList<CommandModel> Commands, IReadOnlyList<ItemKey> Removed, IReadOnlyList<UnreadableRecord> Unreadable);

/// <summary>A record that cannot be read.</summary>
/// <param name="Pk">Its partition key, if that can be read.</param>
/// <param name="Sk">Its sort key, if that can be read.</param>
/// <param name="Place">Its sequence number or, if it has none, what else names it.</param>
/// <param name="Reason">Why it cannot be read.</param>
internal sealed record UnreadableRecord(string? Pk, string? Sk, string Place, string Reason);

using Cqrs.Items;
using Microsoft.Extensions.Logging;

namespace Cqrs.Streams;

/// <summary>Tells the commands among the records of a command table's stream.</summary>
internal static partial class CommandRecords
{
    /// <summary>
    /// The commands that were inserted, and the items of which some were removed. Other changes (a failure marked on a command) make no new state,
    /// and items whose key has no version are not commands.
    /// </summary>
    public static CommandChanges Read(IEnumerable<Record> records, ILogger logger)
    {
        var commands = new List<CommandModel>();
        var removed = new List<ItemKey>();
        foreach (var record in records)
        {
            var keys = record.Dynamodb.Keys;
            if (keys.GetValueOrDefault("pk")?.S is not { } pk
                || keys.GetValueOrDefault("sk")?.S is not { } sk
                || Keys.GetSortKeyVersion(sk) is null)
            {
                continue;
            }

            if (record.EventName == "REMOVE")
            {
                removed.Add(new ItemKey(pk, Keys.RemoveSortKeyVersion(sk)));
            }
            else if (record.EventName == "INSERT" && record.Dynamodb.NewImage is { } image)
            {
                try
                {
                    commands.Add(ItemFormat.ToCommand(image));
                }
                catch (FormatException malformed)
                {
                    LogMalformed(logger, malformed, pk, sk);
                }
            }
        }

        return new(commands, [.. removed.Distinct()]);
    }

    [LoggerMessage(LogLevel.Error, "The item {Pk} / {Sk} in the command table is not a command; it is passed over.")]
    private static partial void LogMalformed(ILogger logger, Exception exception, string pk, string sk);
}

/// <summary>What records of a command table's stream tell.</summary>
/// <param name="Commands">What was inserted.</param>
/// <param name="Removed">The items of which commands were removed.</param>
internal sealed record CommandChanges(IReadOnlyList<CommandModel> Commands, IReadOnlyList<ItemKey> Removed);

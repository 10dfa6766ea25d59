using Cqrs.Items;
using Microsoft.Extensions.Logging;

namespace Cqrs.Streams;

/// <summary>Tells the commands among the records of a command table's stream.</summary>
internal static partial class CommandRecords
{
    /// <summary>
    /// The commands that were inserted. Other changes (a failure marked on a command, a purge) make no new state, and items whose key has no
    /// version are not commands.
    /// </summary>
    public static List<CommandModel> Read(IEnumerable<Record> records, ILogger logger)
    {
        var commands = new List<CommandModel>();
        foreach (var record in records)
        {
            if (record.EventName != "INSERT"
                || record.Dynamodb.NewImage is not { } image
                || !image.TryGetValue("sk", out var sk)
                || sk.S is null
                || Keys.GetSortKeyVersion(sk.S) is null)
            {
                continue;
            }

            try
            {
                commands.Add(ItemFormat.ToCommand(image));
            }
            catch (FormatException malformed)
            {
                LogMalformed(logger, malformed, image.GetValueOrDefault("pk")?.S, sk.S);
            }
        }

        return commands;
    }

    [LoggerMessage(LogLevel.Error, "The item {Pk} / {Sk} in the command table is not a command; it is passed over.")]
    private static partial void LogMalformed(ILogger logger, Exception exception, string? pk, string sk);
}

using Amazon.DynamoDBv2.Model;
using Cqrs.Items;

namespace Cqrs.Projection;

/// <summary>The commands of one item in a batch, and the row that the data table has of the item.</summary>
internal sealed class ItemBatch(ItemKey key, List<CommandModel> commands)
{
    public ItemKey Key => key;

    public List<CommandModel> Commands => commands;

    /// <summary>Gets whether the data table has the item.</summary>
    public bool IsStored { get; private set; }

    /// <summary>Commands that wait until their predecessors are applied.</summary>
    public List<CommandModel> Waiting { get; } = [];

    /// <summary>Gets whether the newest command is newer than the row of the data table.</summary>
    public bool IsAhead => Commands is [.., var newest] && newest.Version > DataVersion;

    public long DataVersion { get; private set; }

    // The row of the data table as it is stored. History gets it unchanged, so it is not parsed.
    private Dictionary<string, AttributeValue>? Row { get; set; }

    public void SetRow(Dictionary<string, AttributeValue> row)
    {
        // A row without a version was written by another program. It is overwritten.
        if (ItemFormat.VersionOf(row) is { } version)
        {
            (Row, IsStored, DataVersion) = (row, true, version);
        }
    }

    public void ForgetRow() => Row = null;

    public IEnumerable<long> MissingVersions()
    {
        var present = Commands.Select(command => command.Version).ToHashSet();
        for (var version = DataVersion + 1; version < Commands[^1].Version; version++)
        {
            if (!present.Contains(version))
            {
                yield return version;
            }
        }
    }

    public void WaitAbove(long version)
    {
        Waiting.AddRange(Commands.Where(command => command.Version > version));
        Commands.RemoveAll(command => command.Version > version);
    }

    /// <summary>
    /// Returns the states that the newest command of the batch supersedes, as items of the history table; none if the data table is up to date.
    /// </summary>
    public IEnumerable<Dictionary<string, AttributeValue>> Superseded()
    {
        if (!IsAhead)
        {
            return [];
        }

        var dataVersion = DataVersion;
        var applied = Commands.Where(command => command.Version >= dataVersion).SkipLast(1)
            .Select(command => ItemFormat.ToItem(command.ToData().ToHistory()));
        return Row is null || Commands.Any(command => command.Version == dataVersion) ? applied : applied.Prepend(ItemFormat.ToHistory(Row));
    }
}

using Amazon.DynamoDBv2.Model;
using Cqrs.Items;

namespace Cqrs.Projection;

/// <summary>The commands of one item in a batch, and the row that the data table has of the item.</summary>
internal sealed class ItemBatch(ItemKey key, List<CommandModel> commands)
{
    public ItemKey Key => key;

    public List<CommandModel> Commands => commands;

    /// <summary>Whether the data table has the item.</summary>
    public bool IsStored { get; private set; }

    /// <summary>Commands whose predecessors come first.</summary>
    public List<CommandModel> Waiting { get; } = [];

    /// <summary>Whether it brings the data table further.</summary>
    public bool IsAhead => Commands is [.., var newest] && newest.Version > DataVersion;

    public long DataVersion { get; private set; }

    // The row of the data table as it is stored. It goes into history as it is: reading it would only be to write it again.
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
    /// The states that end when the newest command of the batch is applied, as items of the history table; none if data is there already.
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

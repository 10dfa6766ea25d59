using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.Publishing;

/// <summary>Makes the writes of a synchronous publish beside the command: the superseded state into history, the new one into data.</summary>
internal static class SyncWrites
{
    public static IEnumerable<TransactWriteItem> For(TableNames tables, CqrsModule module, CommandModel command, ItemModel? previous)
    {
        var put = new Put { TableName = tables.Data(module), Item = ItemFormat.ToItem(command.ToData()) };
        if (previous is null)
        {
            put.ConditionExpression = ItemFormat.HasNoVersion;
            put.ExpressionAttributeValues = new([ItemFormat.TypeOfVersion]);
        }
        else
        {
            put.ConditionExpression = "version = :version";
            put.ExpressionAttributeValues = new() { [":version"] = AttributeMap.Number(previous.Version) };
        }

        yield return new TransactWriteItem { Put = put };

        if (previous is not null)
        {
            var superseded = previous as DataModel ?? ((CommandModel)previous).ToData();
            yield return new TransactWriteItem
            {
                Put = new Put { TableName = tables.History(module), Item = ItemFormat.ToItem(superseded.ToHistory()) },
            };
        }
    }
}

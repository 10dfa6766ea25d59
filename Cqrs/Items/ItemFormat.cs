using System.Globalization;
using Amazon.DynamoDBv2.Model;
using static Cqrs.Items.ItemAttributes;

namespace Cqrs.Items;

/// <summary>
/// The items of the command, data and history tables: attribute names and types are a contract with everything else that reads
/// the tables (see docs/item-formats.md).
/// </summary>
public static class ItemFormat
{
    /// <summary>Times are ISO-8601 in UTC, cut to milliseconds.</summary>
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>All that a command or a state has but its content: attributes of the item.</summary>
    internal static readonly string[] AllButAttributes =
    [
        "pk", "sk", "id", "code", "name", "version", "tenantCode", "type", "seq", "ttl", "isDeleted", "source", "requestId", "createdAt", "createdBy",
        "createdIp", "updatedAt", "updatedBy", "updatedIp", "cpk", "csk", "syncMode", "traceparent", "writeId", "failedReason",
    ];

    /// <summary>Returns a command as an item of the command table.</summary>
    public static Dictionary<string, AttributeValue> ToItem(CommandModel command)
    {
        var item = CommonToItem(command);
        if (command.IsSync)
        {
            item["syncMode"] = AttributeMap.Text(SyncMode);
        }

        AddText(item, "traceparent", command.TraceParent);
        AddText(item, "writeId", command.WriteId);
        AddText(item, "failedReason", command.FailedReason);
        return item;
    }

    /// <summary>Returns a state as an item of the data or history table.</summary>
    public static Dictionary<string, AttributeValue> ToItem(DataModel data)
    {
        var item = CommonToItem(data);
        item["cpk"] = AttributeMap.Text(data.Cpk);
        item["csk"] = AttributeMap.Text(data.Csk);
        return item;
    }

    /// <summary>Returns the version of an item as it is stored; null if another program has written the item, and it has none.</summary>
    internal static long? VersionOf(IReadOnlyDictionary<string, AttributeValue> item) =>
        long.TryParse(item.GetValueOrDefault("version")?.N, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;

    /// <summary>
    /// The condition that an item does not exist or has no version. Another program may have written an item without one. It needs the value
    /// <see cref="TypeOfVersion"/>.
    /// </summary>
    internal const string HasNoVersion = "NOT attribute_type(version, :number)";

    internal static KeyValuePair<string, AttributeValue> TypeOfVersion => new(":number", AttributeMap.Text("N"));

    /// <summary>Returns an item of the data table as the history table holds it.</summary>
    internal static Dictionary<string, AttributeValue> ToHistory(IReadOnlyDictionary<string, AttributeValue> data) =>
        new(data) { ["sk"] = AttributeMap.Text($"{Text(data, "sk")}{Keys.VersionSeparator}{data["version"].N}") };

    /// <summary>Reads an item of the command table.</summary>
    /// <exception cref="UnreadableItemException">The item is not a command: an attribute is missing or of another type.</exception>
    public static CommandModel ToCommand(IReadOnlyDictionary<string, AttributeValue> item)
    {
        try
        {
            return ReadCommand(item);
        }
        catch (FormatException malformed)
        {
            throw new UnreadableItemException(TextOrEmpty(item, "pk"), TextOrEmpty(item, "sk"), malformed);
        }
    }

    /// <summary>Reads an item of the data or history table.</summary>
    /// <exception cref="UnreadableItemException">The item is not such a state: an attribute is missing or of another type.</exception>
    public static DataModel ToData(IReadOnlyDictionary<string, AttributeValue> item)
    {
        // A state is what its command made it: read it through the command, so that both are read by the same rules.
        var asCommand = new Dictionary<string, AttributeValue>(item) { ["sk"] = item.TryGetValue("csk", out var csk) ? csk : new() };
        try
        {
            return ReadCommand(asCommand).ToData() with { Sk = Text(item, "sk"), Cpk = Text(item, "cpk") };
        }
        catch (FormatException malformed)
        {
            throw new UnreadableItemException(TextOrEmpty(item, "pk"), TextOrEmpty(item, "sk"), malformed);
        }
    }

    /// <summary>Returns the key attributes of an item.</summary>
    public static Dictionary<string, AttributeValue> ToKey(string pk, string sk) =>
        new(2) { ["pk"] = AttributeMap.Text(pk), ["sk"] = AttributeMap.Text(sk) };

    /// <summary>Returns a time as the items carry it.</summary>
    public static string FormatTime(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private const string SyncMode = "SYNC";

    private static CommandModel ReadCommand(IReadOnlyDictionary<string, AttributeValue> item)
    {
        var command = new CommandModel
        {
            Pk = Text(item, "pk"),
            Sk = Text(item, "sk"),
            Id = Text(item, "id"),
            Code = Text(item, "code"),
            Name = Text(item, "name"),
            Version = Number(item, "version") ?? throw Missing("version"),
            TenantCode = Text(item, "tenantCode"),
            Type = Text(item, "type"),
            Seq = Number(item, "seq"),
            Ttl = Number(item, "ttl"),
            IsDeleted = Flag(item, "isDeleted"),
            Attributes = Map(item, "attributes"),
            Source = TextOrEmpty(item, "source"),
            RequestId = TextOrEmpty(item, "requestId"),
            CreatedAt = Time(item, "createdAt"),
            CreatedBy = TextOrEmpty(item, "createdBy"),
            CreatedIp = TextOrEmpty(item, "createdIp"),
            UpdatedAt = Time(item, "updatedAt"),
            UpdatedBy = TextOrEmpty(item, "updatedBy"),
            UpdatedIp = TextOrEmpty(item, "updatedIp"),
            IsSync = OptionalText(item, "syncMode") == SyncMode,
            TraceParent = OptionalText(item, "traceparent"),
            WriteId = OptionalText(item, "writeId"),
            FailedReason = OptionalText(item, "failedReason"),
        };

        return Keys.GetSortKeyVersion(command.Sk) == command.Version && command.Id == command.Key.Id
            ? command
            : throw new FormatException($"The item {command.Pk} / {command.Sk} contradicts its own key.");
    }

    private static Dictionary<string, AttributeValue> CommonToItem(ItemModel model)
    {
        var item = new Dictionary<string, AttributeValue>(26)
        {
            ["pk"] = AttributeMap.Text(model.Pk),
            ["sk"] = AttributeMap.Text(model.Sk),
            ["id"] = AttributeMap.Text(model.Id),
            ["code"] = AttributeMap.Text(model.Code),
            ["name"] = AttributeMap.Text(model.Name),
            ["version"] = AttributeMap.Number(model.Version),
            ["tenantCode"] = AttributeMap.Text(model.TenantCode),
            ["type"] = AttributeMap.Text(model.Type),
            ["isDeleted"] = new() { BOOL = model.IsDeleted },
            ["attributes"] = AttributeMap.ToAttributeValue(model.Attributes),
            ["source"] = AttributeMap.Text(model.Source),
            ["requestId"] = AttributeMap.Text(model.RequestId),
            ["createdAt"] = AttributeMap.Text(FormatTime(model.CreatedAt)),
            ["createdBy"] = AttributeMap.Text(model.CreatedBy),
            ["createdIp"] = AttributeMap.Text(model.CreatedIp),
            ["updatedAt"] = AttributeMap.Text(FormatTime(model.UpdatedAt)),
            ["updatedBy"] = AttributeMap.Text(model.UpdatedBy),
            ["updatedIp"] = AttributeMap.Text(model.UpdatedIp),
        };

        if (model.Seq is { } seq)
        {
            item["seq"] = AttributeMap.Number(seq);
        }

        if (model.Ttl is { } ttl)
        {
            item["ttl"] = AttributeMap.Number(ttl);
        }

        return item;
    }

    private static void AddText(Dictionary<string, AttributeValue> item, string name, string? value)
    {
        if (value is not null)
        {
            item[name] = AttributeMap.Text(value);
        }
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;

namespace Cqrs.Projection;

/// <summary>The form of the items in the table <c>parked</c>.</summary>
internal static class ParkedFormat
{
    public static string Part(string handler) => Keys.EscapePart(handler, Keys.KeySeparator);

    // Another program may have written a longer key.
    public static string SkOf(string handler, string name)
    {
        var sk = $"{Part(handler)}#{name}";
        return Encoding.UTF8.GetByteCount(sk) <= ParkedStore.MaxSkBytes
            ? sk
            : $"{Part(handler)}#{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(sk)))}";
    }

    public static ParkedCommand Read(CqrsModule module, Dictionary<string, AttributeValue> item) => new(
        ParkedId.Of(module.Name, item["sk"].S),
        module.Name,
        item["handler"].S,
        Text(item, "Pk"),
        Text(item, "Sk"),
        ReadCommand(item),
        item["reason"].S,
        item["stack"].S,
        item.GetValueOrDefault("position")?.S,
        int.Parse(item["attempts"].N, CultureInfo.InvariantCulture),
        DateTimeOffset.Parse(item["parkedAt"].S, CultureInfo.InvariantCulture));

    // Items of earlier versions have the keys only in the command.
    public static string? Text(Dictionary<string, AttributeValue> item, string key) =>
        (item.GetValueOrDefault($"command{key}") ?? item.GetValueOrDefault("command")?.M.GetValueOrDefault(key.ToLowerInvariant()))?.S;

    private static CommandModel? ReadCommand(Dictionary<string, AttributeValue> item)
    {
        try
        {
            return item.GetValueOrDefault("command")?.M is { } command ? ItemFormat.ToCommand(command) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public static string Cut(string text, int max)
    {
        var cut = text.Length <= max ? text : text[..max];
        // The cut may split a character.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cut));
    }
}

using Amazon.DynamoDBv2.Model;
using Microsoft.Extensions.Logging;

namespace Cqrs.Items;

/// <summary>Reads items of which something else may have written some: what cannot be read is logged and passed over.</summary>
internal static partial class ReadableItems
{
    /// <param name="items">The items as they are stored.</param>
    /// <param name="read">Reads one, or throws a <see cref="FormatException"/>.</param>
    /// <param name="logger">Where is told what was passed over.</param>
    public static IEnumerable<T> Read<T>(
        IEnumerable<Dictionary<string, AttributeValue>> items, Func<Dictionary<string, AttributeValue>, T> read, ILogger logger)
    {
        foreach (var item in items)
        {
            T value;
            try
            {
                value = read(item);
            }
            catch (FormatException malformed)
            {
                LogMalformed(logger, malformed, item["pk"].S, item["sk"].S);
                continue;
            }

            yield return value;
        }
    }

    [LoggerMessage(LogLevel.Error, "The item {Pk} / {Sk} is not what it should be; it is passed over.")]
    private static partial void LogMalformed(ILogger logger, Exception exception, string pk, string sk);
}

using System.Globalization;

namespace ProductAspire.Local.Dashboard.Otlp;

/// <summary>Reads what spans and logs have in common: attributes, ids, times.</summary>
internal static class OtlpValues
{
    private const int MaxLength = 4_000;
    private const int MaxAttributes = 128;
    private const int SpanIdLength = 8;
    private const int TraceIdLength = 16;

    /// <summary>Reads a KeyValue into the attributes.</summary>
    public static void ReadAttribute(WireReader pair, Dictionary<string, string> attributes)
    {
        var (key, value) = ("", "");
        while (pair.NextField() is > 0 and var field)
        {
            switch (field)
            {
                case 1:
                    key = ReadText(ref pair);
                    break;
                case 2:
                    value = ReadValue(pair.ReadMessage());
                    break;
                default:
                    pair.Skip();
                    break;
            }
        }

        if (attributes.Count < MaxAttributes)
        {
            attributes[key] = value;
        }
    }

    /// <summary>An AnyValue as text: a scalar, or an array of scalars. What is nested deeper is left out.</summary>
    public static string ReadValue(WireReader value, bool isElement = false)
    {
        var text = "";
        while (value.NextField() is > 0 and var field)
        {
            switch (field)
            {
                case 1:
                    text = ReadText(ref value);
                    break;
                case 2:
                    text = value.ReadVarint() == 0 ? "false" : "true";
                    break;
                case 3:
                    text = ((long)value.ReadVarint()).ToString(CultureInfo.InvariantCulture);
                    break;
                case 4:
                    text = BitConverter.UInt64BitsToDouble(value.ReadFixed64()).ToString(CultureInfo.InvariantCulture);
                    break;
                case 5 when !isElement:
                    text = ReadArray(value.ReadMessage());
                    break;
                default:
                    value.Skip();
                    text = "…";
                    break;
            }
        }

        return text;
    }

    /// <summary>The id of a trace or span in lower-case hex; null if there is none.</summary>
    public static string? ReadId(ref WireReader reader)
    {
        var id = reader.ReadBytes();
        return id.Length switch
        {
            0 => null,
            SpanIdLength or TraceIdLength => Convert.ToHexStringLower(id),
            _ => throw new InvalidDataException("An id has the wrong length."),
        };
    }

    public static string ReadText(ref WireReader reader) => Cut(reader.ReadText());

    public static DateTimeOffset ReadTime(ref WireReader reader) =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(reader.ReadFixed64() / TimeSpan.NanosecondsPerTick));

    private static string Cut(string text) => text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength), "…");

    private static string ReadArray(WireReader array)
    {
        var elements = new List<string>();
        while (array.NextField() is > 0 and var field)
        {
            if (field == 1)
            {
                elements.Add(ReadValue(array.ReadMessage(), isElement: true));
            }
            else
            {
                array.Skip();
            }
        }

        return Cut(string.Join(", ", elements));
    }
}

namespace ProductAspire.Local.Dashboard.Otlp;

/// <summary>Reads an ExportTraceServiceRequest.</summary>
internal static class OtlpSpanReader
{
    private const ulong StatusError = 2;

    public static List<OtlpSpan> Read(ReadOnlySpan<byte> request) => OtlpMessage.Read(request, ReadSpan);

    private static OtlpSpan ReadSpan(WireReader reader, string service, string scope)
    {
        var span = new OtlpSpan(service, scope);
        while (reader.NextField() is > 0 and var field)
        {
            switch (field)
            {
                case 1:
                    span.TraceId = OtlpValues.ReadId(ref reader) ?? "";
                    break;
                case 2:
                    span.SpanId = OtlpValues.ReadId(ref reader) ?? "";
                    break;
                case 4:
                    span.ParentId = OtlpValues.ReadId(ref reader);
                    break;
                case 5:
                    span.Name = OtlpValues.ReadText(ref reader);
                    break;
                case 6:
                    span.Kind = (OtlpSpanKind)reader.ReadVarint();
                    break;
                case 7:
                    span.Start = OtlpValues.ReadTime(ref reader);
                    break;
                case 8:
                    span.End = OtlpValues.ReadTime(ref reader);
                    break;
                case 9:
                    OtlpValues.ReadAttribute(reader.ReadMessage(), span.Attributes);
                    break;
                case 13:
                    ReadLink(reader.ReadMessage(), span);
                    break;
                case 15:
                    ReadStatus(reader.ReadMessage(), span);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return span;
    }

    private static void ReadLink(WireReader reader, OtlpSpan span)
    {
        var (trace, target) = ("", "");
        while (reader.NextField() is > 0 and var field)
        {
            switch (field)
            {
                case 1:
                    trace = OtlpValues.ReadId(ref reader) ?? "";
                    break;
                case 2:
                    target = OtlpValues.ReadId(ref reader) ?? "";
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        span.Links.Add(new(trace, target));
    }

    private static void ReadStatus(WireReader reader, OtlpSpan span)
    {
        while (reader.NextField() is > 0 and var field)
        {
            switch (field)
            {
                case 2:
                    span.StatusMessage = OtlpValues.ReadText(ref reader);
                    break;
                case 3:
                    span.IsError = reader.ReadVarint() == StatusError;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}

namespace ProductAspire.Local.Dashboard.Otlp;

/// <summary>Reads an ExportLogsServiceRequest.</summary>
internal static class OtlpLogReader
{
    public static List<OtlpLog> Read(ReadOnlySpan<byte> request) => OtlpMessage.Read(request, ReadLog);

    private static OtlpLog ReadLog(WireReader reader, string service, string category)
    {
        var log = new OtlpLog(service, category);
        while (reader.NextField() is > 0 and var field)
        {
            switch (field)
            {
                case 1:
                    log.Time = OtlpValues.ReadTime(ref reader);
                    break;
                case 3:
                    log.Severity = OtlpValues.ReadText(ref reader);
                    break;
                case 5:
                    log.Text = OtlpValues.ReadValue(reader.ReadMessage());
                    break;
                case 6:
                    OtlpValues.ReadAttribute(reader.ReadMessage(), log.Attributes);
                    break;
                case 9:
                    log.TraceId = OtlpValues.ReadId(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return log;
    }
}

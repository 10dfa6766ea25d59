namespace ProductAspire.Local.Dashboard.Otlp;

/// <summary>
/// What the export requests for traces and for logs have in common: resources (services), scopes in them, records in those. The numbers of
/// the fields are those of opentelemetry-proto, version 1.
/// </summary>
internal static class OtlpMessage
{
    public delegate T ReadRecord<out T>(WireReader record, string service, string scope);

    public static List<T> Read<T>(ReadOnlySpan<byte> request, ReadRecord<T> read)
    {
        var records = new List<T>();
        for (var reader = new WireReader(request); Find(ref reader, 1, out var resource);)
        {
            var service = ServiceName(resource);
            while (Find(ref resource, 2, out var scoped))
            {
                var scope = ScopeName(scoped);
                while (Find(ref scoped, 2, out var record))
                {
                    records.Add(read(record, service, scope));
                }
            }
        }

        return records;
    }

    /// <summary>Goes on to the next field with that number, which is a message.</summary>
    private static bool Find(ref WireReader reader, int wanted, out WireReader found)
    {
        while (reader.NextField() is > 0 and var field)
        {
            if (field == wanted)
            {
                found = reader.ReadMessage();
                return true;
            }

            reader.Skip();
        }

        found = default;
        return false;
    }

    // Readers are handed on as copies: looking for a name leaves the caller's where it is.
    private static string ServiceName(WireReader resources)
    {
        var attributes = new Dictionary<string, string>();
        if (Find(ref resources, 1, out var resource))
        {
            while (Find(ref resource, 1, out var attribute))
            {
                OtlpValues.ReadAttribute(attribute, attributes);
            }
        }

        return attributes.GetValueOrDefault("service.name", "unknown");
    }

    private static string ScopeName(WireReader scoped)
    {
        if (Find(ref scoped, 1, out var scope))
        {
            while (scope.NextField() is > 0 and var field)
            {
                if (field == 1)
                {
                    return OtlpValues.ReadText(ref scope);
                }

                scope.Skip();
            }
        }

        return "";
    }
}

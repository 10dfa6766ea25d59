namespace ProductAspire.Local.Dashboard.Otlp;

/// <summary>The last traces, in memory. When they are too many or too large, the oldest give way.</summary>
/// <param name="maxTraces">How many.</param>
/// <param name="maxSize">How large all together, in characters.</param>
internal sealed class TraceStore(int maxTraces = 1_000, long maxSize = 32 << 20)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Trace> byId = new(StringComparer.Ordinal);
    private readonly Queue<Trace> oldestFirst = [];
    private long size;

    public void Add(IEnumerable<OtlpSpan> spans)
    {
        lock (gate)
        {
            foreach (var span in spans.Where(span => span.TraceId.Length > 0 && span.SpanId.Length > 0))
            {
                size += GetOrAdd(span.TraceId).Add(span);
            }

            MakeRoom();
        }
    }

    /// <summary>Keeps those log records that belong to a trace.</summary>
    public void Add(IEnumerable<OtlpLog> logs)
    {
        lock (gate)
        {
            foreach (var log in logs.Where(log => log.TraceId is not null))
            {
                size += GetOrAdd(log.TraceId!).Add(log);
            }

            MakeRoom();
        }
    }

    /// <summary>The traces that have spans, the newest first.</summary>
    public IReadOnlyList<TraceSnapshot> Traces()
    {
        lock (gate)
        {
            return [.. oldestFirst.Where(trace => trace.HasSpans).Reverse().Select(trace => trace.Snapshot())];
        }
    }

    public TraceSnapshot? Find(string traceId)
    {
        lock (gate)
        {
            return byId.TryGetValue(traceId, out var trace) && trace.HasSpans ? trace.Snapshot() : null;
        }
    }

    private Trace GetOrAdd(string id)
    {
        if (!byId.TryGetValue(id, out var trace))
        {
            byId[id] = trace = new Trace(id);
            oldestFirst.Enqueue(trace);
        }

        return trace;
    }

    private void MakeRoom()
    {
        while (byId.Count > maxTraces || size > maxSize)
        {
            var oldest = oldestFirst.Dequeue();
            byId.Remove(oldest.Id);
            size -= oldest.Size;
        }
    }

    private sealed class Trace(string id)
    {
        private const int MaxSpans = 2_000;
        private const int MaxLogs = 200;
        private const int SizeOfRecord = 500;

        private readonly List<OtlpSpan> spans = [];
        private readonly List<OtlpLog> logs = [];
        private int omitted;

        public string Id => id;

        public bool HasSpans => spans.Count > 0;

        public long Size { get; private set; }

        public long Add(OtlpSpan span) => Add(spans, MaxSpans, span, span.Name.Length + SizeOf(span.Attributes));

        public long Add(OtlpLog log) => Add(logs, MaxLogs, log, log.Text.Length + SizeOf(log.Attributes));

        public TraceSnapshot Snapshot() => new(id, [.. spans], [.. logs], omitted);

        private long Add<T>(List<T> records, int max, T record, long length)
        {
            if (records.Count == max)
            {
                omitted++;
                return 0;
            }

            records.Add(record);
            Size += SizeOfRecord + length;
            return SizeOfRecord + length;
        }

        private static long SizeOf(Dictionary<string, string> attributes) => attributes.Sum(one => one.Key.Length + one.Value.Length);
    }
}

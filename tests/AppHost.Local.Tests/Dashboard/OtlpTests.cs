using System.Diagnostics;
using ProductAspire.Local.Dashboard;
using ProductAspire.Local.Dashboard.Otlp;

namespace ProductAspire.Local.Tests.Dashboard;

/// <summary>Reads what the real exporter writes, and survives whatever else comes.</summary>
public class OtlpTests
{
    [Fact]
    public void What_the_exporter_writes_is_read_back()
    {
        var other = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        Activity? parent = null, child = null;
        var spans = OtlpSpanReader.Read(Exported.Bytes(source =>
        {
            using (parent = source.StartActivity("parent", ActivityKind.Server))
            using (child = source.StartActivity("child", ActivityKind.Client, default(ActivityContext), links: [new(other)]))
            {
                child!.SetTag("text", "tëxt").SetTag("number", -7).SetTag("ratio", 0.5).SetTag("is", true);
                child.SetTag("tables", new[] { "one", "two" }).SetTag("long", new string('x', 100_000));
                child.SetStatus(ActivityStatusCode.Error, "it failed");
            }
        }));

        Assert.Equal(["child", "parent"], spans.Select(span => span.Name));
        var (first, second) = (spans[0], spans[1]);
        Assert.Equal((child!.TraceId.ToHexString(), child.SpanId.ToHexString(), parent!.SpanId.ToHexString()), (first.TraceId, first.SpanId, first.ParentId));
        Assert.Null(second.ParentId);
        Assert.Equal((OtlpSpanKind.Client, OtlpSpanKind.Server), (first.Kind, second.Kind));
        Assert.Equal(("service", DashboardAlone.Source), (first.Service, first.Scope));
        Assert.Equal((new DateTimeOffset(child.StartTimeUtc), child.Duration), (first.Start, first.Duration));
        Assert.Equal((true, "it failed"), (first.IsError, first.StatusMessage));
        Assert.False(second.IsError);
        Assert.Equal([new(other.TraceId.ToHexString(), other.SpanId.ToHexString())], first.Links);
        Assert.Equal(
            ["tëxt", "-7", "0.5", "true", "one, two"],
            new[] { "text", "number", "ratio", "is", "tables" }.Select(name => first.Attributes[name]));
        Assert.InRange(first.Attributes["long"].Length, 1_000, 5_000);
    }

    [Fact]
    public void Bytes_that_are_damaged_are_refused_or_read_and_nothing_else_happens()
    {
        var whole = Exported.Bytes(source => source.StartActivity("span", ActivityKind.Client)?.SetTag("a", "b").SetTag("c", new[] { 1, 2 }).Dispose());
        var random = new Random(7);
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = whole[..random.Next(whole.Length + 1)];
            for (var change = random.Next(4); change > 0 && bytes.Length > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                var store = new TraceStore();
                store.Add(OtlpSpanReader.Read(bytes));
                store.Add(OtlpLogReader.Read(bytes));
                foreach (var trace in store.Traces())
                {
                    Assert.Single(new Waterfall(trace, [trace]).Rows);
                }
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1_000, 19_999);
    }

    [Fact]
    public void Only_so_much_is_kept_and_the_oldest_gives_way()
    {
        var store = new TraceStore(maxTraces: 3, maxSize: 10_000);
        foreach (var number in Enumerable.Range(1, 5))
        {
            store.Add([Span(number, number)]);
        }

        Assert.Equal([Id(5), Id(4), Id(3)], store.Traces().Select(trace => trace.Id));
        Assert.Null(store.Find(Id(1)));

        var large = Span(6, 6);
        large.Attributes["large"] = new string('x', 9_000);
        store.Add([large]);
        Assert.Equal([Id(6)], store.Traces().Select(trace => trace.Id));

        // One more trace of that size is too large for both.
        var larger = Span(7, 7);
        larger.Attributes["large"] = new string('x', 9_000);
        store.Add([larger]);
        Assert.Equal([Id(7)], store.Traces().Select(trace => trace.Id));
    }

    internal static string Id(int number) => number.ToString("x32", null);

    internal static OtlpSpan Span(int trace, int span, int? parent = null) => new("service", "scope")
    {
        TraceId = Id(trace),
        SpanId = span.ToString("x16", null),
        ParentId = parent?.ToString("x16", null),
        Name = $"span {span}",
        Start = DateTimeOffset.UnixEpoch.AddSeconds(span),
        End = DateTimeOffset.UnixEpoch.AddSeconds(span + 1),
    };
}

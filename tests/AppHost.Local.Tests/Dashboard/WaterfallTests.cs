using ProductAspire.Local.Dashboard;
using ProductAspire.Local.Dashboard.Otlp;

namespace ProductAspire.Local.Tests.Dashboard;

public class WaterfallTests
{
    [Fact]
    public void Spans_stand_below_their_parents_in_the_order_of_time()
    {
        var trace = Trace(OtlpTests.Span(1, 4, 1), OtlpTests.Span(1, 3, 2), OtlpTests.Span(1, 2, 1), OtlpTests.Span(1, 1));

        Assert.Equal([("span 1", 0), ("span 2", 1), ("span 3", 2), ("span 4", 1)], Rows(new(trace, [trace])));
    }

    [Fact]
    public void A_batch_that_requests_share_is_seen_in_the_trace_of_each()
    {
        var (first, second) = (Trace(OtlpTests.Span(1, 1)), Trace(OtlpTests.Span(2, 2)));
        var batch = OtlpTests.Span(3, 3);
        batch.Links.AddRange([new(first.Id, first.Root.SpanId), new(second.Id, second.Root.SpanId)]);
        var shared = Trace(batch, OtlpTests.Span(3, 4, 3));

        Assert.Equal([("span 1", 0), ("span 3", 1), ("span 4", 2)], Rows(new(first, [first, second, shared])));
        Assert.Equal([("span 2", 0), ("span 3", 1), ("span 4", 2)], Rows(new(second, [first, second, shared])));
        Assert.Equal([("span 3", 0), ("span 4", 1)], Rows(new(shared, [first, second, shared])));
    }

    [Fact]
    public void Spans_whose_parents_are_unknown_or_go_round_in_a_circle_do_no_harm()
    {
        var trace = Trace(OtlpTests.Span(1, 1, 99), OtlpTests.Span(1, 2, 3), OtlpTests.Span(1, 3, 2), OtlpTests.Span(1, 4, 4));

        Assert.Equal([("span 1", 0), ("span 2", 0), ("span 3", 1), ("span 4", 0)], Rows(new(trace, [trace])));
    }

    private static TraceSnapshot Trace(params OtlpSpan[] spans) => new(spans[0].TraceId, spans, [], 0);

    private static IEnumerable<(string Name, int Depth)> Rows(Waterfall waterfall) => waterfall.Rows.Select(row => (row.Span.Name, row.Depth));
}

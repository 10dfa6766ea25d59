using System.Diagnostics;
using AppHostRuns;

namespace WebTests;

/// <summary>Aspire's dashboard follows a click from the browser to the row in Postgres.</summary>
public sealed class TraceTests(WebStack web)
{
    private const string Front = "product-web";

    private static readonly Func<Span, bool>[] Parts =
    [
        span => span is { Service: Front, ParentId: null } && span.Name.Contains("onsubmit", StringComparison.Ordinal),
        span => span is { Service: Front, Kind: ActivityKind.Client, Name: "POST" },
        span => span is { Service: WebStack.Api, Kind: ActivityKind.Server, Name: "POST /api/product/" },
        span => span is { Service: WebStack.Api, Name: "publish product" },
        span => span is { Service: WebStack.Worker, Kind: ActivityKind.Consumer, Name: "project product" },
        IsRow,
    ];

    [Fact]
    public async Task Click_IsOneTraceDownToTheRow()
    {
        var tenant = WebStack.NewTenant();
        await using var ann = await web.SignInAsync(tenant);
        await ann.CreateAsync(("Name", "Traced chair"));
        await Expect(ann.Rows).ToHaveCountAsync(1);

        // Each service exports its spans by itself, and a span only when it has ended.
        IReadOnlyList<Span> trace = [];
        await Eventually.IsTrueAsync("a trace goes from the click to the row", async () => (trace = await FindAsync()).Count > 0);
        Assert.DoesNotContain(trace, span => span.IsError);
    }

    private async Task<IReadOnlyList<Span>> FindAsync() => (await web.Dashboard.SpansAsync(TestContext.Current.CancellationToken))
        .GroupBy(span => span.TraceId)
        .Where(spans => Parts.All(isPart => spans.Any(isPart)))
        .Select(spans => spans.ToList())
        .LastOrDefault() ?? [];

    private static bool IsRow(Span span) =>
        span.Service == WebStack.Worker && span.Tags.GetValueOrDefault("db.query.text", "").Contains("INSERT INTO products", StringComparison.Ordinal);
}

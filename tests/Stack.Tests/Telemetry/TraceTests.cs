using System.Diagnostics;
using System.Net;
using AppHostRuns;

namespace StackTests.Telemetry;

/// <summary>
/// What the services export is a true account of a request. Alone, and with nothing left to do: a batch of the worker that several requests share is in
/// none of their traces.
/// </summary>
[Collection(Alone.Name)]
public sealed class TraceTests(Stack stack) : IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await stack.WaitUntilIdleAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task One_trace_holds_a_request_the_command_that_it_put_and_what_the_worker_made_of_it()
    {
        var (trace, caller) = await PostAsync();

        var server = Assert.Single(trace.Spans, span => span.Kind == ActivityKind.Server);
        Assert.Equal((Stack.Api, caller), (server.Service, server.ParentId));
        Assert.StartsWith("POST /api/product", server.Name, StringComparison.Ordinal);
        var publish = Assert.Single(trace.Spans, span => span.Name == "publish product");
        Assert.Equal((Stack.Api, server.SpanId), (publish.Service, publish.ParentId));
        var put = Assert.Single(trace.Spans, span => span.Service == Stack.Api && IsPutOf(span, "product-command"));
        Assert.Contains(publish.SpanId, Above(trace, put));
        var project = Assert.Single(trace.Spans, IsProjection);
        Assert.Equal((Stack.Worker, ActivityKind.Consumer), (project.Service, project.Kind));
        Assert.Contains(publish.SpanId, Above(trace, project));
        var statement = Assert.Single(trace.Spans, IsStatement);
        Assert.Equal((Stack.Worker, ActivityKind.Client), (statement.Service, statement.Kind));
        Assert.Contains(project.SpanId, Above(trace, statement));

        // Every span is known by the one that began it, and nothing comes before its cause.
        var known = trace.Spans.ToDictionary(span => span.SpanId);
        Assert.All(trace.Spans.Where(span => span != server), span => Assert.True(known[span.ParentId!].Start <= span.Start));
        Assert.DoesNotContain(trace.Spans, span => span.IsError);
    }

    [Fact]
    public async Task Several_commands_of_one_request_are_in_its_trace()
    {
        var client = await stack.ClientAsync();
        var (caller, id) = NewCaller();
        (await client.BulkAsync(new[] { new { name = "One" }, new { name = "Two" }, new { name = "Three" } }, caller)).Is(HttpStatusCode.OK);

        var trace = await stack.TraceAsync(
            id.TraceId.ToHexString(),
            "the request and the projection of three commands",
            trace => trace.Spans.Any(span => span.Kind == ActivityKind.Server)
                && trace.Spans.Where(IsProjection).Sum(span => int.Parse(span.Tags["messaging.batch.message_count"], null)) == 3);

        Assert.Equal(3, trace.Spans.Count(span => span.Name == "publish product"));
    }

    [Fact]
    public async Task Probes_and_idle_polls_leave_no_traces()
    {
        // What was exported before this request has arrived with it.
        await PostAsync();
        var spans = await stack.Dashboard.SpansAsync(TestContext.Current.CancellationToken);

        Assert.Contains(spans, span => PathOf(span) == "/api/product");
        Assert.DoesNotContain(spans, span => PathOf(span) is "/health" or "/alive");
        Assert.DoesNotContain(spans, span => span is { ParentId: null, Kind: ActivityKind.Client, IsError: false });
    }

    private async Task<(ExportedTrace Trace, string Caller)> PostAsync()
    {
        var client = await stack.ClientAsync();
        var (header, id) = NewCaller();
        (await client.PostAsync(new { name = "Traced" }, headers: header)).Is(HttpStatusCode.Created);
        var trace = await stack.TraceAsync(
            id.TraceId.ToHexString(),
            "the request, the projection and its statement",
            trace => trace.Spans.Any(span => span.Kind == ActivityKind.Server) && trace.Spans.Any(IsProjection) && trace.Spans.Any(IsStatement));
        return (trace, id.SpanId.ToHexString());
    }

    private static ((string Name, string Value) Header, ActivityContext Id) NewCaller()
    {
        var id = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        return (("traceparent", $"00-{id.TraceId}-{id.SpanId}-01"), id);
    }

    private static bool IsPutOf(Span span, string table) =>
        span.Kind == ActivityKind.Client
        && span.Tags.GetValueOrDefault("db.system.name") == "aws.dynamodb"
        && span.Tags.GetValueOrDefault("db.operation.name") == "PutItem"
        && span.Tags.GetValueOrDefault("aws.dynamodb.table_names") == $"[\"{table}\"]";

    private static bool IsProjection(Span span) => span.Name == "project product";

    private static bool IsStatement(Span span) =>
        span.Tags.GetValueOrDefault("db.system.name") == "postgresql"
        && span.Tags.GetValueOrDefault("db.query.text")?.Contains("INSERT INTO products", StringComparison.Ordinal) == true;

    private static string PathOf(Span span) => span.Tags.GetValueOrDefault("url.path", "");

    /// <summary>The parents of a span, up to the root.</summary>
    private static List<string> Above(ExportedTrace trace, Span span)
    {
        var ids = new List<string>();
        for (var at = span; at?.ParentId is { } parent && !ids.Contains(parent);)
        {
            ids.Add(parent);
            at = trace.Spans.FirstOrDefault(one => one.SpanId == parent);
        }

        return ids;
    }
}

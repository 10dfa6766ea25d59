using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace StackTests.Support;

internal enum Fate
{
    Pass,

    /// <summary>The store gets the request and does it; its answer is lost on the way back.</summary>
    LoseAnswer,

    /// <summary>The request is lost on the way to the store.</summary>
    LoseRequest,

    /// <summary>The store gets the request and does it; its answer does not come for as long as the caller waits.</summary>
    HoldAnswer,

    /// <summary>The request does not get to the store for as long as the caller waits.</summary>
    HoldRequest,
}

/// <summary>Stands before DynamoDB and loses what a test tells it to: the connection breaks, as when a cable is pulled.</summary>
internal sealed class DynamoDbProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _store;

    private DynamoDbProxy(WebApplication app, Uri store)
    {
        _app = app;
        _store = new HttpClient { BaseAddress = store };
        app.Run(ForwardAsync);
    }

    public Uri Endpoint => new(_app.Urls.Single());

    /// <summary>Decides on each request, by its operation and body.</summary>
    public Func<string, string, ValueTask<Fate>> Decide { get; set; } = (_, _) => new(Fate.Pass);

    /// <summary>Is told, by operation and body, when the store has done a request.</summary>
    public Action<string, string> Answered { get; set; } = (_, _) => { };

    /// <summary>Loses the requests that do an operation, until told otherwise.</summary>
    public void Lose(Fate fate, params IReadOnlyCollection<string> operations) =>
        Decide = (operation, _) => new(operations.Contains(operation) ? fate : Fate.Pass);

    public void LetPass() => Decide = (_, _) => new(Fate.Pass);

    public static async Task<DynamoDbProxy> StartAsync(Uri store)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var proxy = new DynamoDbProxy(builder.Build(), store);
        await proxy._app.StartAsync(TestContext.Current.CancellationToken);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _store.Dispose();
    }

    /// <summary>Loses the first request to a table that does an operation, and lets all others pass.</summary>
    public void LoseOnce(Fate fate, string operation, string table)
    {
        var isLost = 0;
        Decide = (op, body) => new(
            op == operation && body.Contains($"{table}\"", StringComparison.Ordinal) && Interlocked.Exchange(ref isLost, 1) == 0 ? fate : Fate.Pass);
    }

    private async Task ForwardAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var operation = context.Request.Headers["X-Amz-Target"].ToString().Split('.')[^1];
        var fate = await Decide(operation, body);
        if (fate is Fate.LoseRequest or Fate.HoldRequest)
        {
            await BreakAsync(context, fate);
            return;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent(body) };
        request.Content.Headers.ContentType = new("application/x-amz-json-1.0");
        foreach (var (name, values) in context.Request.Headers.Where(h => h.Key.StartsWith("X-Amz", StringComparison.OrdinalIgnoreCase) || h.Key == "Authorization"))
        {
            request.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        using var response = await _store.SendAsync(request, context.RequestAborted);
        var answer = await response.Content.ReadAsByteArrayAsync(context.RequestAborted);
        Answered(operation, body);
        if (fate is Fate.LoseAnswer or Fate.HoldAnswer)
        {
            await BreakAsync(context, fate);
            return;
        }

        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = "application/x-amz-json-1.0";
        foreach (var (name, values) in response.Headers.Where(h => h.Key.StartsWith("x-amz", StringComparison.OrdinalIgnoreCase)))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private static async Task BreakAsync(HttpContext context, Fate fate)
    {
        if (fate is Fate.HoldAnswer or Fate.HoldRequest)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        context.Abort();
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace WebTests.Support;

/// <summary>Stands before the API, and loses answers when told to: what was asked is carried out all the same.</summary>
internal sealed class LossyApi : IAsyncDisposable
{
    private static readonly string[] HeadersOfContent = ["Content-Type", "Content-Length"];

    private readonly HttpClient api = new();
    private readonly Uri to;
    private readonly WebApplication app;

    private LossyApi(Uri to)
    {
        this.to = to;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Run(ForwardAsync);
    }

    public Uri Address => new(app.Urls.Single());

    public bool LosesAnswersToWrites { get; set; }

    public static async Task<LossyApi> StartAsync(Uri to)
    {
        var lossy = new LossyApi(to);
        await lossy.app.StartAsync();
        return lossy;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        api.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var (asked, isWrite) = (context.Request, !HttpMethods.IsGet(context.Request.Method));
        using var request = new HttpRequestMessage(new(asked.Method), new Uri(to, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget));
        request.Content = isWrite ? new StreamContent(asked.Body) : null;
        foreach (var (name, value) in asked.Headers.Where(header => header.Key != "Host"))
        {
            (HeadersOfContent.Contains(name) ? request.Content?.Headers : (System.Net.Http.Headers.HttpHeaders)request.Headers)
                ?.TryAddWithoutValidation(name, value.ToArray());
        }

        using var answer = await api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        if (isWrite && LosesAnswersToWrites)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await context.Response.StartAsync(context.RequestAborted);
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}

using System.Security.Claims;

namespace Product.Web.Api;

/// <summary>
/// The calls of the API that take as long as they take: events; import and export, which are passed through for the browser, as it never has
/// the token. No time limits, no second tries; and what fails here never makes the calls that a person waits for be held back.
/// </summary>
public sealed class ProductStreams(IHttpClientFactory clients)
{
    public const string HttpClientName = "product-streams";

    /// <summary>Sends a request for a user; the answer is there as soon as its headers are.</summary>
    public Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        request.Options.Set(BearerTokenHandler.User, user);
        return clients.CreateClient(HttpClientName).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>Sends a request for the visitor, and hands the answer on as it comes.</summary>
    public async Task PassOnAsync(HttpRequestMessage request, HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await OpenAsync(request, context.User, cancellationToken);
            await CopyAsync(response, context.Response, cancellationToken);
        }
        catch (ApiException failure) when (!context.Response.HasStarted)
        {
            await Results.Problem(statusCode: failure.Problem.Status, detail: failure.Problem.Describe().Text).ExecuteAsync(context);
        }
        catch (HttpRequestException) when (!context.Response.HasStarted)
        {
            await Results.Problem(statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(context);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            // Cut off, or a part would be taken for the whole.
            context.Abort();
        }
    }

    private static async Task CopyAsync(HttpResponseMessage from, HttpResponse to, CancellationToken cancellationToken)
    {
        to.StatusCode = (int)from.StatusCode;
        to.ContentType = from.Content.Headers.ContentType?.ToString();
        if (from.Content.Headers.ContentDisposition is { } disposition)
        {
            to.Headers.ContentDisposition = disposition.ToString();
        }

        await using var body = await from.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[16 * 1024];
        while (await body.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            await to.Body.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            await to.Body.FlushAsync(cancellationToken);
        }
    }
}

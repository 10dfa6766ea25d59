using System.Net.Http.Headers;
using System.Net.Mime;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;
using Product.Web.Api;

namespace Product.Web.Products.Import;

/// <summary>
/// Takes a piece of a file from the browser, hands it to the API with the visitor's token, and hands on what the API says row by row. The
/// browser cuts the file into pieces of whole rows: so a piece can be sent again when the network fails, and the file may have any size.
/// </summary>
internal static class ImportEndpoint
{
    public const string Path = "/products/import/rows";

    private const int MaxPieceBytes = 10 * 1024 * 1024;

    public static void MapProductImport(this IEndpointRouteBuilder app) =>
        app.MapPost(Path, ImportAsync)
            .WithMetadata(new RequestSizeLimitAttribute(MaxPieceBytes))
            .IsNoPage();

    private static async Task ImportAsync(HttpContext context, IAntiforgery antiforgery, ProductStreams streams)
    {
        var cancellationToken = context.RequestAborted;
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            await Results.Problem(statusCode: StatusCodes.Status400BadRequest, detail: "The page is out of date: load it again.").ExecuteAsync(context);
            return;
        }

        // Whole in memory: it is sent once more if the token has expired.
        using var piece = new MemoryStream();
        await context.Request.Body.CopyToAsync(piece, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{ProductApiClient.Route}/import{context.Request.QueryString}")
        {
            Content = new ByteArrayContent(piece.GetBuffer(), 0, (int)piece.Length),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            ? type
            : new(MediaTypeNames.Application.Octet);
        await streams.PassOnAsync(request, context, cancellationToken);
    }
}

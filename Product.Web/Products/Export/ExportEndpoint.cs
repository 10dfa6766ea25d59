using Microsoft.AspNetCore.Mvc;
using Product.Web.Api;

namespace Product.Web.Products.Export;

/// <summary>Downloads what the list is filtered to: the same words in the address, the API's answer as it comes.</summary>
internal static class ExportEndpoint
{
    public static void MapProductExport(this IEndpointRouteBuilder app) => app.MapGet("/products/export", ExportAsync).IsNoPage();

    private static async Task ExportAsync(
        HttpContext context, ProductStreams streams, [AsParameters] FilterInAddress filter, [FromQuery] string? format)
    {
        var query = ListState.ParseFilter(filter.Keyword, filter.Category, filter.Min, filter.Max, filter.Deleted).ToQuery();
        query.Add("format", format ?? "csv");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{ProductApiClient.Route}/export{query}");
        await streams.PassOnAsync(request, context, context.RequestAborted);
    }

    private sealed record FilterInAddress(
        [FromQuery] string? Keyword, [FromQuery] string? Category, [FromQuery] string? Min, [FromQuery] string? Max, [FromQuery] string? Deleted);
}

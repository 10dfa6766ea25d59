using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Cqrs.AspNetCore.Http;

/// <summary>
/// In which media types a body may come. Exactly these: <c>application/json-patch+json</c> is JSON too, but says something else than the
/// same bytes as a merge patch.
/// </summary>
internal static class ContentTypes
{
    public const string Json = "application/json";
    public const string MergePatch = "application/merge-patch+json";

    /// <summary>The header by which an answer says in which media types a patch may come (RFC 5789).</summary>
    public const string AcceptPatch = "Accept-Patch";

    /// <summary>The content types of a patch.</summary>
    public static readonly string[] Patches = [MergePatch, Json];

    /// <summary>415 if the body is not JSON in one of these media types, in UTF-8; else null.</summary>
    public static ProblemHttpResult? CheckJson(HttpRequest request, IReadOnlyList<string> accepted) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && accepted.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            ? null
            : Unsupported($"The body must be {string.Join(" or ", accepted)}, in UTF-8.");

    /// <summary>415 if the body is compressed, which no endpoint undoes; else null.</summary>
    public static ProblemHttpResult? CheckEncoding(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.Count == 0)
        {
            return null;
        }

        request.HttpContext.Response.Headers.AcceptEncoding = "identity";
        return Unsupported("The body must not be compressed.");
    }

    private static ProblemHttpResult Unsupported(string detail) =>
        Problems.Of(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", detail);
}

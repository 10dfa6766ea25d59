using Microsoft.AspNetCore.Http;

namespace Cqrs.AspNetCore.Items;

/// <summary>The versions that a caller has already, as its <c>If-None-Match</c> header says.</summary>
internal static class IfNoneMatch
{
    /// <summary>Returns whether the caller has a version.</summary>
    public static bool Names(HttpRequest request, long version)
    {
        var etag = PublishResults.ETagOf(version);
        return request.Headers.IfNoneMatch
            .SelectMany(value => (value ?? "").Split(','))
            .Select(value => value.Trim())
            .Any(value => value == "*" || value == etag || value == $"W/{etag}");
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Cqrs.AspNetCore.Http;

/// <summary>
/// The one place where paths are read: from the request target as it was sent, each segment decoded exactly once. The server's own reading
/// leaves <c>%2F</c> as it is and takes out dot segments, so keys that are read from the target would not be those that were routed. Here the
/// path that is routed and the keys are made of the same segments. A query that cannot be decoded is refused here too.
/// </summary>
public static class RawPathKeys
{
    /// <summary>Routing, and the keys of the route. Authorization, which looks at the keys, comes after it.</summary>
    public static void UseRoutingByRawPath(this IApplicationBuilder app)
    {
        app.Use(ReadAsync);
        app.UseRouting();
        app.Use(SetKeysAsync);
    }

    private static Task ReadAsync(HttpContext context, RequestDelegate next)
    {
        if (PathOf(context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "") is not { } path)
        {
            return next(context);
        }

        if (Read(path) is not { } segments)
        {
            return Problems.Validation("path", "must have no dot segment, no empty segment, and percent-encoded UTF-8").ExecuteAsync(context);
        }

        var request = context.Request;
        if (FindUndecodable(request.QueryString.Value ?? "") is { } name)
        {
            return Problems.Validation(name, "must be percent-encoded UTF-8").ExecuteAsync(context);
        }

        var routed = segments.Skip(request.PathBase.Value!.Count(c => c == '/')).ToArray();
        // Made by its constructor: a text that is converted would be decoded once more.
        request.Path = new PathString("/" + string.Join('/', routed.Select(segment => segment.Replace("/", "%2F", StringComparison.Ordinal))));
        context.Features.Set(new RawSegments(routed));
        return next(context);
    }

    private static Task SetKeysAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint && context.Features.Get<RawSegments>() is { } path)
        {
            foreach (var (pattern, segment) in endpoint.RoutePattern.PathSegments.Zip(path.Segments))
            {
                if (pattern.Parts is [RoutePatternParameterPart { IsCatchAll: false } parameter] && segment.Length > 0)
                {
                    context.Request.RouteValues[parameter.Name] = segment;
                }
            }
        }

        return next(context);
    }

    /// <returns>The path with its leading slash; null for a target without one, as that of <c>OPTIONS *</c>.</returns>
    private static string? PathOf(string target)
    {
        var start = 0;
        if (!target.StartsWith('/'))
        {
            // The absolute form: http://host/path.
            var scheme = target.IndexOf("://", StringComparison.Ordinal);
            start = scheme < 0 ? -1 : target.IndexOfAny(['/', '?'], scheme + 3);
        }

        if (start < 0 || target[start] == '?')
        {
            return null;
        }

        var query = target.IndexOf('?', start);
        return query < 0 ? target[start..] : target[start..query];
    }

    /// <returns>The decoded segments; null if other programs on the way could take the path for another one.</returns>
    private static List<string>? Read(string path)
    {
        // Neither may stand in a target, and they are read in different ways: "\" as "/", and "#" as the end.
        if (path.AsSpan().IndexOfAny('\\', '#') >= 0)
        {
            return null;
        }

        var raw = path.Split('/')[1..];
        var segments = new List<string>(raw.Length);
        foreach (var (i, segment) in raw.Index())
        {
            if (PercentEncoding.Decode(segment) is not { } decoded || decoded is "." or ".." || (decoded.Length == 0 && i < raw.Length - 1))
            {
                return null;
            }

            segments.Add(decoded);
        }

        return segments;
    }

    // The server takes what it cannot decode for the text itself.
    private static string? FindUndecodable(string query) => query.TrimStart('?').Split('&')
        .Where(parameter => PercentEncoding.Decode(parameter) is null)
        .Select(parameter => parameter.Split('=')[0])
        .Select(name => PercentEncoding.Decode(name) ?? name)
        .FirstOrDefault();

    private sealed record RawSegments(IReadOnlyList<string> Segments);
}

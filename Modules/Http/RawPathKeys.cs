using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Modules.Http;

/// <summary>
/// The one place where path parameters are decoded: exactly once, from the request target as it was sent. The server has by then
/// decoded the path itself, but not <c>%2F</c>, so that what it passes on cannot be told apart from a key that has "%2F" in it.
/// </summary>
public static class RawPathKeys
{
    private static readonly Encoding StrictUtf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);

    /// <summary>Call it between routing and authorization, which looks at the keys.</summary>
    public static IApplicationBuilder UseRawPathKeys(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint
            && context.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } target
            && !TryDecode(endpoint.RoutePattern, target, context.Request.RouteValues))
        {
            await Problems.Validation("sk", "must be percent-encoded UTF-8").ExecuteAsync(context);
            return;
        }

        await next(context);
    });

    private static bool TryDecode(RoutePattern pattern, string target, RouteValueDictionary values)
    {
        if (pattern.Parameters.Count == 0)
        {
            return true;
        }

        var segments = PathOf(target).Split('/', StringSplitOptions.None)[1..];
        for (var i = 0; i < pattern.PathSegments.Count && i < segments.Length; i++)
        {
            if (pattern.PathSegments[i].Parts is [RoutePatternParameterPart { IsCatchAll: false } parameter])
            {
                if (DecodeOnce(segments[i]) is not { } value)
                {
                    return false;
                }

                values[parameter.Name] = value;
            }
        }

        return true;
    }

    private static string PathOf(string target)
    {
        // A proxy may send the absolute form: http://host/path.
        var path = target.StartsWith('/') ? target : target[Math.Max(0, target.IndexOf('/', target.IndexOf("//", StringComparison.Ordinal) + 2))..];
        var query = path.IndexOf('?');
        return query < 0 ? path : path[..query];
    }

    private static string? DecodeOnce(string segment)
    {
        var bytes = new List<byte>(segment.Length);
        for (var i = 0; i < segment.Length; i++)
        {
            if (segment[i] != '%')
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(segment[i].ToString()));
            }
            else if (i + 2 < segment.Length && Uri.IsHexDigit(segment[i + 1]) && Uri.IsHexDigit(segment[i + 2]))
            {
                bytes.Add(Convert.ToByte(segment.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                return null;
            }
        }

        try
        {
            return StrictUtf8.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}

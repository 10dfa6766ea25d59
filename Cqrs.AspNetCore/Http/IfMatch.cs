using System.Globalization;
using Cqrs.AspNetCore.Items;
using Cqrs.Items;
using Cqrs.Publishing;
using Microsoft.AspNetCore.Http;

namespace Cqrs.AspNetCore.Http;

/// <summary>The version that a request builds on, as its <c>If-Match</c> header says.</summary>
public static class IfMatch
{
    /// <returns>The version, <see cref="Keys.VersionLatest"/> for <c>*</c>, or null without the header; and what is wrong with it.</returns>
    public static (long? Version, FieldError? Error) Read(HttpRequest request) => request.Headers.IfMatch.ToString() switch
    {
        "" => (null, null),
        "*" => (Keys.VersionLatest, null),
        ['"', .. var digits, '"'] when long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
            => (version, null),
        _ => (null, new FieldError("If-Match", "must be one entity tag, \"N\" with the version N, or *")),
    };

    /// <summary>Whether the caller has this version already.</summary>
    public static bool IsCurrent(HttpRequest request, long version)
    {
        var etag = PublishResults.ETagOf(version);
        return request.Headers.IfNoneMatch
            .SelectMany(value => (value ?? "").Split(','))
            .Select(value => value.Trim())
            .Any(value => value == "*" || value == etag || value == $"W/{etag}");
    }
}

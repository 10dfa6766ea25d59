using System.Globalization;
using Cqrs.Items;
using Cqrs.Publishing;
using Microsoft.AspNetCore.Http;

namespace Cqrs.AspNetCore.Items;

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
}

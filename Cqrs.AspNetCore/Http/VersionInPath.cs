using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cqrs.AspNetCore.Http;

/// <summary>A version as part of a path: a positive number. A route constraint would answer 404, and not say what is wrong.</summary>
internal static class VersionInPath
{
    public static long? Read(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0 ? version : null;

    public static ProblemHttpResult Problem => Problems.Validation("version", "must be a positive number");
}

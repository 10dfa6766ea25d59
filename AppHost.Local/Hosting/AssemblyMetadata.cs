using System.Reflection;

namespace Aspire.Hosting;

internal static class AssemblyMetadata
{
    /// <summary>What the build of the AppHost left in it (AppHost.Local.targets).</summary>
    public static string? Metadata(this Assembly assembly, string key) => assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(metadata => string.Equals(metadata.Key, key, StringComparison.OrdinalIgnoreCase))?.Value is { Length: > 0 } value
            ? value
            : null;
}

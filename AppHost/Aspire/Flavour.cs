using System.Runtime.CompilerServices;

/// <summary>
/// Aspire starts the services with <c>dotnet run --no-build</c>, without the property that all were built with: it would look where the other flavour
/// is. MSBuild takes properties from the environment too, and who is started has that of this process.
/// </summary>
internal static class Flavour
{
    // Whoever loads the AppHost: it may be a test.
    [ModuleInitializer]
    internal static void HandOn() => Environment.SetEnvironmentVariable("Aspire", "true");
}

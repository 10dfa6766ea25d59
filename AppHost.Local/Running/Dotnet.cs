namespace ProductAspire.Local.Running;

/// <summary>The dotnet that runs this: another one that the PATH may name is not asked.</summary>
internal static class Dotnet
{
    public static string Program { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : Find();

    private static string Find()
    {
        // {root}/shared/Microsoft.NETCore.App/{version}/System.Private.CoreLib.dll
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var program = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return File.Exists(program) ? program : "dotnet";
    }
}

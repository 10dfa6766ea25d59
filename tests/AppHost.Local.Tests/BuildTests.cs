using Aspire.Hosting;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Tests;

/// <summary>How the projects are built, on machines that differ, and in the two flavours.</summary>
public sealed class BuildTests : IDisposable
{
    private static readonly string Root = Path.GetFullPath("..", typeof(Projects.AppHost).Assembly.Metadata("AppHostProjectPath")!);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder folder = new();

    public BuildTests()
    {
        foreach (var settings in new[] { "Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig" })
        {
            File.Copy(Path.Combine(Root, settings), Path.Combine(folder.Path, settings));
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_AppHost_is_written_once() =>
        Assert.DoesNotContain(File.ReadLines(Path.Combine(Root, "AppHost", "AppHost.cs")), line => line.TrimStart().StartsWith("#if", StringComparison.Ordinal));

    // Aspire starts its projects so, in Debug as the AppHost was built.
    [Fact]
    public async Task A_service_that_Aspire_starts_without_building_it_is_the_one_that_was_built_for_Aspire()
    {
        Write("Service/Service.csproj", Project(""));
        Write("Service/Program.cs", "Console.WriteLine(AppContext.BaseDirectory);");
        Write("Host/Host.csproj", Project($"""
            <Compile Include="{Root}/AppHost/Aspire/Flavour.cs" />
            <ProjectReference Include="../Service/Service.csproj" ReferenceOutputAssembly="false" />
            """));
        Write("Host/Program.cs", """
            using var service = System.Diagnostics.Process.Start(
                "dotnet", ["run", "--project", args[0], "--no-build", "--configuration", "Debug", "--no-launch-profile"]);
            service.WaitForExit();
            """);
        await DotnetAsync("build", In("Host"), "-p:Aspire=true", "-nodeReuse:false", "-p:UseSharedCompilation=false");

        var output = await DotnetAsync(In("Host/bin/aspire/Debug/net10.0/Host.dll"), In("Service"));

        Assert.Equal(In("Service/bin/aspire/Debug/net10.0/"), output.Trim());
    }

    [Fact]
    public async Task A_second_source_of_packages_does_not_fail_the_build()
    {
        // Nobody is there to be asked; the package is on the machine already, for this solution has it too.
        Write("Library/Library.csproj", Project("""<PackageReference Include="Ulid" />"""));
        Write("NuGet.config", """
            <configuration>
              <packageSources>
                <clear />
                <add key="one" value="https://127.0.0.1:9/one/index.json" />
                <add key="other" value="https://127.0.0.1:9/other/index.json" />
              </packageSources>
            </configuration>
            """);

        var output = await DotnetAsync("restore", In("Library"), "-p:NuGetAudit=false", "-nodeReuse:false");

        Assert.Contains("warning NU1507", output, StringComparison.Ordinal);
    }

    private static string Project(string items) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup><OutputType>Exe</OutputType></PropertyGroup>
          <ItemGroup>{items}</ItemGroup>
        </Project>
        """;

    private static async Task<string> DotnetAsync(params string[] arguments)
    {
        var result = await Command.RunAsync(Dotnet.Program, arguments, Limit, TestContext.Current.CancellationToken);
        Assert.True(result is { ExitCode: 0 }, $"dotnet {string.Join(' ', arguments)}: {result?.Output ?? "it took too long"}");
        return result!.Output;
    }

    private string In(string path) => Path.Combine(folder.Path, path);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(path))!);
        File.WriteAllText(In(path), text);
    }
}

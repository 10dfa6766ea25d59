using System.Net;
using System.Net.Sockets;

namespace AppHostTests;

/// <summary>What keeps the application from starting is said in one line each, and nothing is left running.</summary>
public sealed class StartTests : IDisposable
{
    private readonly TemporaryFolder _state = new();

    public void Dispose() => _state.Dispose();

    [Fact]
    public async Task MissingPrograms_AreNamedWithTheCommandThatInstallsThem()
    {
        using var nothing = new TemporaryFolder();
        await using var app = AppHostProcess.Start(_state.Path, environment: new()
        {
            ["PATH"] = nothing.Path,
            ["JAVA_HOME"] = null,
            ["DYNAMODB_LOCAL_PATH"] = null,
            ["POSTGRES_BIN"] = "npm",
        });

        await AssertRefusedAsync(app);
        Assert.Matches("Missing: npm .*Install it with: (sudo|brew|winget)", app.Output);
        Assert.Matches("Missing: PostgreSQL .*Install it with: (sudo|brew|winget)", app.Output);
        if (OperatingSystem.IsLinux())
        {
            Assert.Matches("Missing: Java 17 .*Install it with: sudo", app.Output);
        }
    }

    [Fact]
    public async Task TakenPort_IsNamedWithItsResourceAndTheVariableThatMovesIt()
    {
        var ports = new AppHostPorts();
        using var listener = new TcpListener(IPAddress.Loopback, ports.Api);
        listener.Start();
        await using var app = AppHostProcess.Start(_state.Path, ports);

        await AssertRefusedAsync(app);
        Assert.Contains($"'product-api' needs port {ports.Api}", app.Output, StringComparison.Ordinal);
        Assert.Contains("PRODUCT_API_PORT", app.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PortOfTheDashboardThatIsTaken_IsNamed()
    {
        var ports = new AppHostPorts();
        using var listener = new TcpListener(IPAddress.Loopback, ports.Dashboard);
        listener.Start();
        await using var app = AppHostProcess.Start(_state.Path, ports);

        await AssertRefusedAsync(app);
        Assert.Contains($"The dashboard needs port {ports.Dashboard}", app.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("0")]
    [InlineData("70000")]
    [InlineData("-1")]
    public async Task PortThatIsNone_IsRefusedInOneLine(string port)
    {
        await using var app = AppHostProcess.Start(_state.Path, environment: new() { ["PRODUCT_API_PORT"] = port });

        await AssertRefusedAsync(app);
        Assert.Contains($"PRODUCT_API_PORT is '{port}'. It must be a port", app.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecondRunOnTheSameData_IsRefused()
    {
        await using var first = AppHostProcess.Start(_state.Path);
        await Eventually.IsTrueAsync(
            "the first run has the folder", () => Task.FromResult(File.Exists(Path.Combine(_state.Path, "run.json"))), TimeSpan.FromMinutes(2));
        await using var second = AppHostProcess.Start(_state.Path);

        Assert.Equal(1, await second.EndsAsync());
        Assert.Contains($"The application already runs on the data in {_state.Path}", second.Output, StringComparison.Ordinal);
        AssertHasNoStackTrace(second);
    }

    [Fact]
    public async Task ContainersWithoutARuntime_AreRefused()
    {
        using var nothing = new TemporaryFolder();
        await using var app = AppHostProcess.Start(
            _state.Path, arguments: ["--Stores=containers"], environment: new() { ["PATH"] = nothing.Path });

        await AssertRefusedAsync(app);
        Assert.Contains("Stores is 'containers', but no container runtime answers", app.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownKindOfStores_IsRefused()
    {
        await using var app = AppHostProcess.Start(_state.Path, environment: new() { ["Stores"] = "boxes" });

        await AssertRefusedAsync(app);
        Assert.Contains("Stores is 'boxes'. It can be 'containers' or 'processes'.", app.Output, StringComparison.Ordinal);
    }

    private static async Task AssertRefusedAsync(AppHostProcess app)
    {
        Assert.Equal(1, await app.EndsAsync());
        AssertHasNoStackTrace(app);
        await Eventually.IsTrueAsync("nothing of the run is left", () => Task.FromResult(app.Processes().Count == 0));
    }

    private static void AssertHasNoStackTrace(AppHostProcess app) => Assert.DoesNotContain("   at ", app.Output, StringComparison.Ordinal);
}

using System.Net;
using System.Net.Sockets;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Tests;

/// <summary>What keeps the application from starting is said in words that help, and the exit code tells too.</summary>
public sealed class StartingTests : IDisposable
{
    private readonly TemporaryFolder state = new();
    private readonly Ports ports = new();

    public void Dispose()
    {
        ports.Dispose();
        state.Dispose();
    }

    [Fact]
    public async Task A_missing_prerequisite_is_named_with_the_command_that_installs_it_and_nothing_is_started()
    {
        using var nothing = new TemporaryFolder();
        await using var app = AppHostProcess.Start(state.Path, ports, environment: new()
        {
            ["PATH"] = nothing.Path,
            ["JAVA_HOME"] = null,
            ["DYNAMODB_LOCAL_PATH"] = null,
            ["POSTGRES_BIN"] = "npm",
        });

        Assert.Equal(1, await app.Ends());
        Assert.Matches("Missing: npm .*Install it with: (sudo|brew|winget)", app.Output);
        Assert.Matches("Missing: PostgreSQL .*Install it with: (sudo|brew|winget)", app.Output);
        if (OperatingSystem.IsLinux())
        {
            Assert.Matches("Missing: Java 17 .*Install it with: sudo", app.Output);
        }

        Assert.Empty(app.Children());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_its_resource_and_what_moves_it()
    {
        var port = ports.TakeFree();
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        await using var app = AppHostProcess.Start(state.Path, ports, environment: new() { ["PRODUCT_API_PORT"] = $"{port}" });

        Assert.Equal(1, await app.Ends());
        Assert.Contains($"'product-api' needs port {port}", app.Output);
        Assert.Contains("PRODUCT_API_PORT", app.Output);
        Assert.Empty(app.Children());
    }

    [Fact]
    public async Task A_store_that_fails_at_its_start_ends_the_run_with_its_last_lines()
    {
        using var broken = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(broken.Path, "DynamoDBLocal.jar"), "no jar", TestContext.Current.CancellationToken);
        await using var app = AppHostProcess.Start(state.Path, ports, environment: new() { ["DYNAMODB_LOCAL_PATH"] = broken.Path });

        Assert.Equal(1, await app.Ends());
        Assert.Contains("'dynamodb' ended with exit code 1. Its last lines:", app.Output);
        Assert.Contains("corrupt jarfile", app.Output);
        Assert.Empty(app.Children());
    }

    [Fact]
    public async Task A_dashboard_whose_port_is_taken_is_left_out_and_the_application_runs()
    {
        var port = ports.TakeFree();
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        await using var app = AppHostProcess.Start(state.Path, ports, environment: new() { ["DASHBOARD_PORT"] = $"{port}" });

        await app.Says("Everything runs.");
        Assert.Contains($"There is no dashboard at port {port}: ", app.Output);
        Assert.DoesNotContain("dashboard  ", app.Output);
    }

    [Fact]
    public async Task The_dashboard_of_a_run_is_where_the_run_says()
    {
        var port = ports.TakeFree();
        await using var app = AppHostProcess.Start(state.Path, ports, environment: new() { ["DASHBOARD_PORT"] = $"{port}" });

        await app.Says("Everything runs.");
        Assert.Matches($"dashboard +healthy  http://localhost:{port}", app.Output);
        using var client = new HttpClient { BaseAddress = new($"http://localhost:{port}") };
        Assert.Contains("product-syncworker", await client.GetStringAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken));
    }
}

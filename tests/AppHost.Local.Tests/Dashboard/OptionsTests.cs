using Aspire.Hosting;
using Aspire.Hosting.Testing;
using ProductAspire.Local.Dashboard;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Tests.Dashboard;

public class OptionsTests
{
    [Fact]
    public async Task Telemetry_goes_where_the_user_says_and_the_launch_profile_is_no_user()
    {
        Assert.Null(await GoesToAsync());
        // What dotnet run sets.
        Assert.Null(await GoesToAsync("--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:19080"));
        Assert.Equal("http://localhost:4317", await GoesToAsync("--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:4317"));
    }

    [Fact]
    public async Task Where_telemetry_goes_elsewhere_the_page_says_so()
    {
        await using var dashboard = await DashboardAlone.StartAsync("--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:4317");
        Assert.Contains("http://localhost:4317", await dashboard.GetAsync("/traces"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_on_in_a_run_and_off_under_test_unless_asked_for()
    {
        Assert.True((await ReadAsync(isTest: false)).IsOn);
        Assert.Equal(5099, (await ReadAsync(isTest: false)).Port);
        Assert.Equal(6000, (await ReadAsync(isTest: false, "--DASHBOARD_PORT=6000")).Port);
        Assert.False((await ReadAsync(isTest: false, "--DASHBOARD=false")).IsOn);
        Assert.False((await ReadAsync(isTest: true)).IsOn);
        Assert.True((await ReadAsync(isTest: true, "--DASHBOARD=true")).IsOn);
        Assert.Equal(0, (await ReadAsync(isTest: true)).Port);
        var (wrongPort, wrongWord) = (await ReadAsync(isTest: false, "--DASHBOARD_PORT=none"), await ReadAsync(isTest: false, "--DASHBOARD=perhaps"));
        Assert.Contains("DASHBOARD_PORT", Assert.Throws<DistributedApplicationException>(() => wrongPort.Port).Message);
        Assert.Contains("perhaps", Assert.Throws<DistributedApplicationException>(() => wrongWord.IsOn).Message);
    }

    private static async Task<string?> GoesToAsync(params string[] args) => (await ReadAsync(isTest: true, args)).TelemetryGoesTo;

    private static async Task<DashboardOptions> ReadAsync(bool isTest, params string[] args)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(args, TestContext.Current.CancellationToken);
        return new(new RunContext(builder, StateFolder.ForTest(builder), args, isTest));
    }
}

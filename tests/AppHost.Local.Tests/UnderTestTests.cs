using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Tests;

/// <summary>What the tests of the application build on.</summary>
public class UnderTestTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_applications_at_once_have_their_own_ports_and_stores_and_leave_nothing_behind()
    {
        int[] pids;
        string[] folders;
        await using (var one = await StartAsync())
        await using (var other = await StartAsync())
        {
            await one.ResourceNotifications.WaitForResourceHealthyAsync("product-web", Cancellation);
            await other.ResourceNotifications.WaitForResourceHealthyAsync("product-web", Cancellation);
            using var client = other.CreateHttpClient("product-api");
            using var health = await client.GetAsync(new Uri("/health", UriKind.Relative), Cancellation);
            Assert.True(health.IsSuccessStatusCode);
            Assert.NotEqual(one.GetEndpoint("product-api"), other.GetEndpoint("product-api"));
            Assert.NotEqual(one.GetEndpoint("dynamodb"), other.GetEndpoint("dynamodb"));

            if (OperatingSystem.IsLinux())
            {
                // A name that a shell on the way may drop.
                var environment = await File.ReadAllTextAsync($"/proc/{Pid(other, "product-web")}/environ", Cancellation);
                Assert.Contains(
                    $"services__product-api__http__0={other.GetEndpoint("product-api").ToString().TrimEnd('/')}", environment.Split('\0'));
            }

            await SqlAsync(one, "CREATE TABLE mine (id int)");
            await Assert.ThrowsAsync<PostgresException>(() => SqlAsync(other, "SELECT * FROM mine"));
            pids = [.. new[] { one, other }.SelectMany(app => new[] { "postgres", "dynamodb", "product-api" }.Select(name => Pid(app, name)))];
            folders = [.. new[] { one, other }.Select(app => app.Services.GetRequiredService<RunContext>().State.Own)];
            Assert.All(folders, folder => Assert.True(Directory.Exists(folder)));
        }

        Assert.DoesNotContain(pids, ProcessRecord.IsAlive);
        Assert.DoesNotContain(folders, Directory.Exists);
    }

    [Fact]
    public async Task A_resource_that_was_killed_says_so_and_can_be_started_again_on_its_data()
    {
        await using var app = await StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("product-api", Cancellation);
        await SqlAsync(app, "CREATE TABLE kept (id int)");

        foreach (var name in new[] { "product-api", "postgres" })
        {
            Unix.Signal(Pid(app, name), StopSignal.Kill);
            await app.ResourceNotifications.WaitForResourceAsync(name, KnownResourceStates.Exited, Cancellation);
            var told = await Assert.ThrowsAsync<DistributedApplicationException>(
                () => app.ResourceNotifications.WaitForResourceHealthyAsync(name, Cancellation));
            Assert.Contains("exit code 137. Its last lines:", told.Message);

            var started = await app.ResourceCommands.ExecuteCommandAsync(name, "resource-start", Cancellation);
            Assert.True(started.Success, started.Message);
            await app.ResourceNotifications.WaitForResourceHealthyAsync(name, Cancellation);
        }

        await SqlAsync(app, "SELECT * FROM kept");
        Assert.NotEmpty(app.GetLastLines("postgres"));
    }

    [Fact]
    public async Task Replicas_each_listen_on_a_port_of_their_own()
    {
        await using var app = await StartAsync("--worker-replicas=2");
        await app.ResourceNotifications.WaitForResourceHealthyAsync("product-syncworker", Cancellation);

        Assert.True(app.ResourceNotifications.TryGetCurrentState("product-syncworker-1", out var first));
        Assert.True(app.ResourceNotifications.TryGetCurrentState("product-syncworker-2", out var second));
        Assert.NotEqual(first.Snapshot.Urls, second.Snapshot.Urls);
        Assert.Equal(app.GetEndpoint("product-syncworker"), new Uri(first.Snapshot.Urls.Single().Url));
    }

    private static async Task<DistributedApplication> StartAsync(params string[] args)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(args, Cancellation);
        var app = await builder.BuildAsync(Cancellation);
        await app.StartAsync(Cancellation);
        return app;
    }

    private static int Pid(DistributedApplication app, string name)
    {
        Assert.True(app.ResourceNotifications.TryGetCurrentState(name, out var now));
        return (int)now.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value!;
    }

    private static async Task SqlAsync(DistributedApplication app, string sql)
    {
        await using var database = NpgsqlDataSource.Create(
            $"{await app.GetConnectionStringAsync("productdb", Cancellation)};Pooling=false");
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}

using System.Diagnostics;
using Npgsql;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Tests;

/// <summary>Run after run on the same data, whatever ended the one before.</summary>
public sealed class RunTests : IDisposable
{
    private static readonly string[] Everything = ["postgres", "dynamodb", "product-syncworker", "product-api", "product-web"];

    private readonly TemporaryFolder state = new();
    private readonly Ports ports = new();

    public void Dispose()
    {
        ports.Dispose();
        state.Dispose();
    }

    [Fact]
    public async Task Data_outlives_a_killed_run_nothing_is_orphaned_and_fresh_starts_empty()
    {
        await using (var killed = await StartAsync())
        {
            await SqlAsync(killed, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (42)");
            var children = killed.Children();

            killed.Signal(StopSignal.Kill);

            await Eventually.Holds(() => !children.Values.Any(ProcessRecord.IsAlive), "the children of a killed AppHost are gone", 20);
        }

        await using (var again = await StartAsync())
        {
            Assert.Equal(42, await SqlAsync(again, "SELECT id FROM kept"));
            var children = again.Children();

            Unix.Signal(children["product-web"], StopSignal.Kill);
            await again.Says("'product-web' ended with exit code 137. Its last lines:");
            Assert.Contains("Now listening on", again.Output[again.Output.IndexOf("exit code 137", StringComparison.Ordinal)..]);

            again.Signal(StopSignal.Terminate);
            Assert.Equal(0, await again.Ends());
            Assert.DoesNotContain(children.Values, ProcessRecord.IsAlive);
        }

        await using var fresh = await StartAsync("--fresh");
        await Assert.ThrowsAsync<PostgresException>(() => SqlAsync(fresh, "SELECT id FROM kept"));
    }

    [Fact]
    public async Task What_a_killed_run_left_behind_is_ended_by_the_next_one()
    {
        using var orphan = Process.Start("sleep", "600");
        new ProcessRecord(state.Path).Add("orphan", orphan.Id, StopSignal.Terminate);

        await using var app = await StartAsync();

        Assert.Contains("Ended 'orphan', which an earlier run had left behind.", app.Output);
        Assert.True(orphan.WaitForExit(1000));
    }

    [Fact]
    public async Task A_second_run_on_the_same_data_is_refused()
    {
        await using var first = await StartAsync();
        await using var second = AppHostProcess.Start(state.Path, ports);

        Assert.Equal(1, await second.Ends());
        Assert.Contains("running already", second.Output);
        Assert.Superset(Everything.ToHashSet(), first.Children().Keys.ToHashSet());
    }

    private async Task<AppHostProcess> StartAsync(params string[] args)
    {
        var app = AppHostProcess.Start(state.Path, ports, args);
        await app.Says("Everything runs.");
        return app;
    }

    private async Task<object?> SqlAsync(AppHostProcess app, string sql)
    {
        var address = app.Output.Split('\n').First(line => line.Contains("healthy  tcp://localhost:", StringComparison.Ordinal));
        var password = await File.ReadAllTextAsync(
            Path.Combine(state.Path, "passwords", "postgres-password"), TestContext.Current.CancellationToken);
        await using var database = NpgsqlDataSource.Create(
            $"Host=localhost;Port={new Uri(address.Split(' ')[^1].Trim()).Port};Username=postgres;Password={password};Database=productdb;Pooling=false");
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}

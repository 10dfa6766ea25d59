using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using AppHostRuns;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Npgsql;

namespace AppHostTests;

/// <summary>The commands that the dashboard and the command line offer.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private const string Api = "product-api";
    private const string Worker = "product-syncworker";

    private DistributedApplication? _app;

    private DistributedApplication App => _app!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = await AppHostRun.CreateAsync([], Cancellation);
        _app = await builder.BuildAsync(Cancellation);
        await _app.StartAsync(Cancellation);
        await _app.WaitUntilHealthyAsync(Cancellation);
    }

    public async ValueTask DisposeAsync() => await App.DisposeAsync();

    [Fact]
    public async Task Commands_SayWhatTheyDid()
    {
        var loaded = await ExecuteAsync(Api, "load-samples", ("tenant", "shop"), ("count", "30"));
        Assert.Equal("30 new, 0 already there, 0 failed. Search finds 30 of 30.", loaded.Message);
        Assert.Contains("from 1 to", (await FailAsync(Api, "load-samples", ("tenant", "shop"), ("count", "0"))).Message, StringComparison.Ordinal);
        await FailAsync(Api, "load-samples", ("tenant", "shop"), ("count", "many"));

        await SqlAsync("DELETE FROM products WHERE tenant_code = 'shop'");
        Assert.Equal(0, await CountAsync("shop"));
        Assert.Equal("30 items of shop are written again.", (await ExecuteAsync(Worker, "resync", ("tenant", "shop"))).Message);
        Assert.Equal(30, await CountAsync("shop"));

        Assert.Equal("No command is parked.", (await ExecuteAsync(Api, "replay-parked")).Message);

        var emptied = await ExecuteAsync(Worker, "empty-stores");
        Assert.Contains("The services run again.", emptied.Message, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync("shop"));
        using var api = await ClientAsync("shop");
        using var created = await api.PostAsJsonAsync("/api/product?mode=sync", new { name = "New" }, Cancellation);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(1, await CountAsync("shop"));
    }

    private async Task<ExecuteCommandResult> ExecuteAsync(string resource, string command, params (string Name, string Value)[] inputs)
    {
        var result = await RunAsync(resource, command, inputs);
        Assert.True(result.Success, result.Message);
        return result;
    }

    private async Task<ExecuteCommandResult> FailAsync(string resource, string command, params (string Name, string Value)[] inputs)
    {
        var result = await RunAsync(resource, command, inputs);
        Assert.False(result.Success, result.Message);
        return result;
    }

    private Task<ExecuteCommandResult> RunAsync(string resource, string command, (string Name, string Value)[] inputs) =>
        App.ResourceCommands.ExecuteCommandAsync(
            resource,
            command,
            new InteractionInputCollection([.. inputs.Select(input => new InteractionInput { Name = input.Name, InputType = InputType.Text, Value = input.Value })]),
            Cancellation);

    private async Task<HttpClient> ClientAsync(string tenant)
    {
        var http = App.CreateHttpClient(Api, "http");
        var token = await http.GetStringAsync(new Uri($"/dev/token?user=ann&tenant={tenant}", UriKind.Relative), Cancellation);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    private async Task<long> CountAsync(string tenant)
    {
        using var api = await ClientAsync(tenant);
        return (await api.GetFromJsonAsync<Found>("/api/product/data", Cancellation))!.Total;
    }

    private async Task SqlAsync(string statement)
    {
        await using var database = NpgsqlDataSource.Create((await App.GetConnectionStringAsync("productdb", Cancellation))!);
        await using var command = database.CreateCommand(statement);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private sealed record Found(long Total);
}

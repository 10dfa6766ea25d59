using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;
using StackTests.Security;

namespace StackTests.Api;

/// <summary>What operators see, and what the API tells of itself.</summary>
[Collection(ParkingCollection.Name)]
public sealed class OperationsTests(Stack stack)
{
    [Theory]
    [InlineData("role=system_admin&global=true", HttpStatusCode.OK)]
    [InlineData("role=system_admin&tenant=acme", HttpStatusCode.Forbidden)]
    [InlineData("role=admin&global=true", HttpStatusCode.Forbidden)]
    [InlineData("role=System_Admin&global=true", HttpStatusCode.Forbidden)]
    [InlineData("tenant=acme", HttpStatusCode.Forbidden)]
    public async Task Operations_are_for_system_admins_everywhere_only(string token, HttpStatusCode status)
    {
        var client = stack.Client("acme", await stack.TokenAsync($"user=root&{token}"));

        foreach (var path in new[] { "/api/ops/sync", "/api/ops/parked" })
        {
            (await client.SendAsync(HttpMethod.Get, path)).Is(status);
            (await stack.Client("acme", null).SendAsync(HttpMethod.Get, path)).IsProblem(HttpStatusCode.Unauthorized, "unauthorized");
        }

        (await client.SendAsync(HttpMethod.Post, "/api/ops/parked/unknown/replay")).Is(status == HttpStatusCode.OK ? HttpStatusCode.NotFound : status);
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("cHJvZHVjdA")] // product
    [InlineData("cHJvZHVjdAo")] // product, and no key
    [InlineData("b3JkZXIKYQ")] // order, a module that is not here
    [InlineData("%00")]
    [InlineData("a%20b")]
    [InlineData("long")]
    public async Task What_is_no_id_of_a_parked_command_is_not_found(string id)
    {
        var root = stack.Client("acme", await stack.TokenAsync("user=root&role=system_admin&global=true"));
        id = id == "long" ? Base64Url.EncodeToString(Encoding.UTF8.GetBytes("product\n" + new string('k', 2000))) : id;

        var answer = await root.SendAsync(HttpMethod.Post, $"/api/ops/parked/{id}/replay");

        // The server itself refuses a path with NUL in it.
        answer.Is(id == "%00" ? HttpStatusCode.BadRequest : HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Every_shard_has_an_owner_and_a_checkpoint_and_what_is_parked_is_counted()
    {
        var root = stack.Client("acme", await stack.TokenAsync("user=root&role=system_admin&global=true"));
        var client = await stack.ClientAsync();
        (await client.PostAsync(new { sk = "chair", name = "Chair" })).Is(HttpStatusCode.Created);
        await stack.Postgres.RowAsync(client.IdOf("chair"), 1);

        var report = await Eventually.GetAsync(
            "a shard is owned and has a checkpoint",
            () => root.SendAsync(HttpMethod.Get, "/api/ops/sync"),
            answer => answer.Is(HttpStatusCode.OK).At("shards")!.AsArray().Any(shard => shard!["owner"] is not null && shard["checkpoint"] is not null));

        Assert.All(report.At("shards")!.AsArray(), shard => Assert.Equal("product", shard!["module"]!.GetValue<string>()));
        Assert.True(report.At("lagMs")!.GetValue<long>() >= 0);

        // Other tests park commands meanwhile: once no such comes between, both are the same.
        await Eventually.IsTrueAsync(
            "the report counts what the list shows",
            async () =>
            {
                var parked = (await root.SendAsync(HttpMethod.Get, "/api/ops/sync")).At("parked")!.GetValue<int>();
                return parked == (await root.SendAsync(HttpMethod.Get, "/api/ops/parked")).Json.AsArray().Count;
            });
    }

    // Where an event source mapping reads the streams, and before a worker reads any.
    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task Where_no_worker_has_read_a_shard_there_are_none_and_the_lag_is_not_made_up(string readsShards)
    {
        await using var api = new ApiInProcess(
            stack, "Development", dynamoDb: null, ("Stream:ReadsShards", readsShards), ("Tables:Prefix", $"{Guid.NewGuid():N}-"));
        await api.Services.GetRequiredService<TableSetup>().EnsureTablesAsync(TestContext.Current.CancellationToken);
        var root = api.Client("acme", await stack.TokenAsync("user=root&role=system_admin&global=true"));

        var report = (await root.SendAsync(HttpMethod.Get, "/api/ops/sync")).Is(HttpStatusCode.OK).Json.AsObject();

        Assert.Equal(["parked", "shards"], report.Select(member => member.Key).Order());
        Assert.Empty(report["shards"]!.AsArray());
    }

    [Fact]
    public async Task The_API_describes_what_it_offers()
    {
        var document = (await stack.Client("acme", null).SendAsync(HttpMethod.Get, "/openapi/v1.json")).Is(HttpStatusCode.OK);
        var offered = document.At("paths")!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key.TrimEnd('/')}"))
            .ToHashSet();

        foreach (var operation in new[]
        {
            "POST /api/product", "POST /api/product/bulk", "GET /api/product/data/{pk}/{sk}", "GET /api/product/data/{pk}", "GET /api/product/data",
            "PATCH /api/product/data/{pk}/{sk}", "DELETE /api/product/data/{pk}/{sk}", "POST /api/product/data/{pk}/{sk}/restore",
            "POST /api/product/data/{pk}/{sk}/rollback/{version}", "POST /api/product/data/{pk}/{sk}/duplicate",
            "POST /api/product/data/{pk}/{sk}/purge", "GET /api/product/history/{pk}/{sk}", "GET /api/product/history/{pk}/{sk}/{version}",
            "GET /api/product/command/{pk}/{sk}/{version}", "PUT /api/product/resync-data/{pk}", "GET /api/product/jobs/{id}",
            "GET /api/product/events", "GET /api/ops/sync", "GET /api/ops/parked", "POST /api/ops/parked/{id}/replay",
        })
        {
            Assert.Contains(operation, offered);
        }

        Assert.IsType<JsonObject>(document.At("paths", "/api/product/data/{pk}/{sk}", "get", "responses", "404"));
        Assert.Contains("<html", (await stack.Client("acme", null).SendAsync(HttpMethod.Get, "/scalar/")).Is(HttpStatusCode.OK).Text);
    }
}

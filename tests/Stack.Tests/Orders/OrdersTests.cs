using System.Net;

namespace StackTests.Orders;

/// <summary>A second module is one small folder, and both run side by side.</summary>
public sealed class OrdersTests(Stack stack)
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Orders_and_products_run_side_by_side_each_with_its_own_attributes_and_rules()
    {
        await using var host = await OrdersHost.StartAsync(stack, Token);
        var tenant = Stack.NewTenant();
        var token = await host.Http.GetStringAsync($"/dev/token?user=anna&tenant={tenant}", Token);
        var client = new ApiClient(host.Http, tenant, token);

        var product = (await client.PostAsync(new { sk = "one", name = "Chair", attributes = new { price = 5 } })).Is(HttpStatusCode.Created);
        var order = (await client.SendAsync(
            HttpMethod.Post, "/api/order?mode=sync", new { sk = "one", name = "First", attributes = new { customer = "C7", quantity = 2, status = "OPEN" } }))
            .Is(HttpStatusCode.Created);
        Assert.Equal($"PRODUCT#{tenant}#one", product.Json["id"]!.GetValue<string>());
        Assert.Equal($"ORDER#{tenant}#one", order.Json["id"]!.GetValue<string>());

        (await client.SendAsync(HttpMethod.Post, "/api/order", new { name = "Too many", attributes = new { quantity = 10_001 } }))
            .NamesField("attributes.quantity");

        var path = $"/api/order/data/{Uri.EscapeDataString($"ORDER#{tenant}")}/one";
        (await client.SendAsync(HttpMethod.Patch, path, new { attributes = new { status = "SHIPPED" } }, ("If-Match", "\"1\""))).Is(HttpStatusCode.OK);
        (await client.SendAsync(HttpMethod.Delete, path)).NamesField("attributes.status");

        var bob = new ApiClient(host.Http, tenant, await host.Http.GetStringAsync($"/dev/token?user=bob&tenant={tenant}", Token));
        await Eventually.GetAsync(
            "the stream brings the shipped order to another user's search",
            async () => (await bob.SendAsync(HttpMethod.Get, "/api/order/data?customer=C7&status=SHIPPED")).Total,
            total => total == 1);
        await Eventually.GetAsync("the product too", async () => (await bob.SearchAsync()).Total, total => total == 1);
    }

    [Fact]
    public async Task Search_and_export_work_on_a_read_model_that_is_not_Postgres()
    {
        await using var host = await OrdersHost.StartAsync(stack, Token, new OrderIndex());
        var tenant = Stack.NewTenant();
        var client = new ApiClient(host.Http, tenant, await host.Http.GetStringAsync($"/dev/token?user=anna&tenant={tenant}", Token));
        foreach (var (sk, customer) in new[] { ("one", "Cuvier"), ("two", "Curie"), ("three", "Darwin") })
        {
            (await client.SendAsync(HttpMethod.Post, "/api/order", new { sk, name = sk, attributes = new { customer } })).Is(HttpStatusCode.Created);
        }

        var found = await Eventually.GetAsync(
            "the index has the orders",
            async () => await client.SendAsync(HttpMethod.Get, "/api/order/data?customer=Cu&orderBys=name&pageSize=1"),
            answer => answer.Total == 2);
        Assert.Equal("one", found.Json["items"]![0]!["sk"]!.GetValue<string>());
        var file = (await client.SendAsync(HttpMethod.Get, "/api/order/export?customer=D")).Is(HttpStatusCode.OK).Text;
        Assert.Contains("three,three,three", file, StringComparison.Ordinal);
        Assert.DoesNotContain("Curie", file, StringComparison.Ordinal);
        (await client.SendAsync(HttpMethod.Get, "/api/order/data?status=OPEN")).NamesField("status");
    }
}

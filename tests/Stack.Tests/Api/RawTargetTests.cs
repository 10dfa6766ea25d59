using System.Net;
using Aspire.Hosting.Testing;

namespace StackTests.Api;

/// <summary>The path that is routed and the keys that are read are the same, however a request target is written.</summary>
public sealed class RawTargetTests(Stack stack)
{
    private Uri Api => stack.App.GetEndpoint(Stack.Api, "http");

    // Servers and programs on the way read such a path as another one.
    [Theory]
    [InlineData("GET", "/api/product/data/{pk}/keep/../victim")]
    [InlineData("GET", "/api/product/data/{pk}/keep/%2e%2e/victim")]
    [InlineData("GET", "/api/product/data/{pk}/keep/%2E./victim")]
    [InlineData("GET", "/api/product/data/{pk}/keep/.%2e/victim")]
    [InlineData("GET", "/api/product/data/{pk}/./victim")]
    [InlineData("GET", "/api/product/data/{pk}/%2e/victim")]
    [InlineData("GET", "/api/product/data/{pk}//victim")]
    [InlineData("GET", "/api/product/data/{pk}/victim//")]
    [InlineData("GET", "//api/product/data/{pk}/victim")]
    [InlineData("GET", "/api/product/data/{pk}/victim/..")]
    [InlineData("GET", "/api/product/data/{pk}/victim/%2e%2e")]
    [InlineData("GET", "/api/product/data/{pk}/victim/../..")]
    [InlineData("GET", "/api/product/data/{pk}/victim/.")]
    [InlineData("GET", "/api/product/data/{pk}/.")]
    [InlineData("GET", "/api/product/data/{pk}/%2E%2E")]
    [InlineData("GET", "/api/product/data/{pk}/keep\\..\\victim")]
    [InlineData("GET", "/api/product/data/{pk}\\victim")]
    [InlineData("GET", "/api/product/data/{pk}/victim#keep")]
    [InlineData("GET", "/api/product/data/{pk}/%c0%ae%c0%ae/victim")]
    [InlineData("GET", "/api/product/data/PRODUCT%23other/../{pk}/victim")]
    [InlineData("GET", "/api/product/history/{pk}/keep/../victim")]
    [InlineData("GET", "/api/product/history/{pk}/victim/2/../1")]
    [InlineData("GET", "/api/product/command/{pk}/keep/../victim/1")]
    [InlineData("GET", "/api/product/jobs/mine/../theirs")]
    [InlineData("PATCH", "/api/product/data/{pk}/keep/../victim")]
    [InlineData("DELETE", "/api/product/data/{pk}/keep/../victim")]
    [InlineData("POST", "/api/product/data/{pk}/keep/../victim/restore")]
    [InlineData("POST", "/api/product/data/{pk}/keep/%2e%2e/victim/rollback/1")]
    [InlineData("POST", "/api/product/data/{pk}/keep/../victim/duplicate")]
    [InlineData("POST", "/api/product/data/{pk}/keep/../victim/purge")]
    [InlineData("PUT", "/api/product/resync-data/PRODUCT%23other/../{pk}")]
    [InlineData("POST", "/api/ops/parked/one/../two/replay")]
    [InlineData("GET", "/api/ops/parked/../sync")]
    [InlineData("GET", "http://{api}/api/product/data/{pk}/keep/../victim")]
    [InlineData("GET", "http://{api}/api/product/data/{pk}/keep/%2e%2e/victim")]
    [InlineData("GET", "http://{api}//api/product/data/{pk}/victim")]
    public async Task A_path_that_can_be_read_in_two_ways_is_refused(string method, string target)
    {
        var tenant = Stack.NewTenant();
        var token = await stack.TokenAsync($"user=root&tenant={tenant}&role=system_admin&global=true");
        var client = stack.Client(tenant, token);
        (await client.BulkAsync(new[] { new { sk = "keep", name = "Keep" }, new { sk = "victim", name = "Victim" } })).Is(HttpStatusCode.OK);

        var path = target.Replace("{pk}", Uri.EscapeDataString(client.Pk), StringComparison.Ordinal);
        var answer = await RawRequest.SendAsync(Api, method, path.Replace("{api}", Api.Authority, StringComparison.Ordinal), token);

        answer.IsProblem(HttpStatusCode.BadRequest, "invalid-key");
        Assert.Equal(["Keep", "Victim"], (await client.ListAsync()).Items.Select(item => item!["name"]!.GetValue<string>()));
        Assert.Equal(1, (await client.GetAsync("victim")).Is(HttpStatusCode.OK).Version);
    }

    [Theory]
    [InlineData("../victim")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("%2e%2e")]
    [InlineData("%00")]
    [InlineData("%25")]
    [InlineData("%ff")]
    [InlineData("a\\b")]
    [InlineData("a?b#c")]
    [InlineData("ä €")]
    public async Task A_key_is_the_same_in_every_form_of_a_target(string sk)
    {
        var tenant = Stack.NewTenant();
        var token = await stack.TokenAsync($"user=anna&tenant={tenant}");
        var client = stack.Client(tenant, token);
        var created = await client.PostAsync(new { sk, name = "One" });
        if (sk == "..")
        {
            // Nobody could ask for it.
            created.NamesField("sk", "invalid-key");
            return;
        }

        created.Is(HttpStatusCode.Created);
        foreach (var prefix in new[] { "", $"http://{Api.Authority}" })
        {
            foreach (var query in new[] { "", "?", "?wait=0" })
            {
                var path = client.PathOf(sk).Replace("/data/", "/command/", StringComparison.Ordinal);
                var answer = (await RawRequest.SendAsync(Api, "GET", $"{prefix}{path}/1{query}", token)).Is(HttpStatusCode.OK);
                Assert.Equal(sk, answer.Sk);
            }
        }
    }

    [Theory]
    [InlineData("GET", "http://{api}")]
    [InlineData("GET", "http://{api}?/api/product/data")]
    [InlineData("OPTIONS", "*")]
    public async Task A_target_without_a_path_names_nothing(string method, string target) =>
        Assert.InRange((int)(await RawRequest.SendAsync(Api, method, target.Replace("{api}", Api.Authority, StringComparison.Ordinal), null)).Status, 400, 499);
}

using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using Cqrs.AspNetCore.Identity;

namespace StackTests.Api;

/// <summary>Who may call, and for which tenant. Conformance 40, 41, 42.</summary>
public sealed class IdentityTests(Stack stack)
{
    [Fact]
    public async Task Without_a_token_nothing_is_answered()
    {
        var client = stack.Client(Stack.NewTenant(), null);

        foreach (var (method, path) in new[]
        {
            (HttpMethod.Post, "/api/product"), (HttpMethod.Post, "/api/product/bulk"), (HttpMethod.Get, client.PathOf("a")),
            (HttpMethod.Get, "/api/product/data"), (HttpMethod.Patch, client.PathOf("a")), (HttpMethod.Delete, client.PathOf("a")),
            (HttpMethod.Post, client.PathOf("a") + "/purge"), (HttpMethod.Get, "/api/product/jobs/x"),
        })
        {
            (await client.SendAsync(method, path, method == HttpMethod.Get ? null : new { name = "x" }))
                .IsProblem(HttpStatusCode.Unauthorized, "unauthorized");
        }
    }

    // Conformance 42.
    [Fact]
    public async Task A_token_that_has_expired_is_refused()
    {
        var tenant = Stack.NewTenant();
        var client = stack.Client(tenant, await stack.TokenAsync($"user=anna&tenant={tenant}&expires=-1"));

        (await client.ListAsync()).IsProblem(HttpStatusCode.Unauthorized, "unauthorized");
    }

    // Conformance 42.
    [Fact]
    public async Task A_token_that_is_not_signed_by_the_issuer_is_refused()
    {
        var tenant = Stack.NewTenant();
        var good = await stack.TokenAsync($"user=anna&tenant={tenant}");
        var parts = good.Split('.');
        var unsigned = $"{Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.";
        var forged = $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(HMACSHA256.HashData(new byte[64], Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}")))}";
        var altered = $"{parts[0]}.{With(parts[1], "sub", "root")}.{parts[2]}";
        (await stack.Client(tenant, good).ListAsync()).Is(HttpStatusCode.OK);

        foreach (var token in new[] { unsigned, forged, altered, $"{parts[0]}.{parts[1]}.", $"{parts[0]}.{parts[1]}", "x", "" })
        {
            (await stack.Client(tenant, token).ListAsync()).IsProblem(HttpStatusCode.Unauthorized, "unauthorized");
        }
    }

    [Theory]
    [InlineData("/api/product/events", "text/event-stream")]
    [InlineData("/api/product/export", "text/csv")]
    [InlineData("/api/product/data", "image/png")]
    public async Task Who_is_refused_is_told_why_whatever_was_asked_for(string path, string accept) =>
        (await stack.Client(Stack.NewTenant(), null).SendAsync(HttpMethod.Get, path, null, ("Accept", accept)))
            .IsProblem(HttpStatusCode.Unauthorized, "unauthorized");

    // Conformance 42: the development key is at hand here, so that only the claim is wrong.
    [Theory]
    [InlineData("iss", "somebody-else")]
    [InlineData("aud", "another-api")]
    [InlineData("exp", null)]
    public async Task A_token_for_another_issuer_or_audience_or_without_an_end_is_refused(string claim, string? value)
    {
        var tenant = Stack.NewTenant();
        var parts = (await stack.TokenAsync($"user=anna&tenant={tenant}")).Split('.');

        var other = Resign(parts[0], With(parts[1], claim, value));
        var same = Resign(parts[0], parts[1]);

        (await stack.Client(tenant, same).ListAsync()).Is(HttpStatusCode.OK);
        (await stack.Client(tenant, other).ListAsync()).IsProblem(HttpStatusCode.Unauthorized, "unauthorized");
    }

    // Conformance 40: the same whether the item exists or not.
    [Fact]
    public async Task Keys_of_another_tenant_are_refused_whether_they_exist_or_not()
    {
        var owner = await stack.ClientAsync();
        (await owner.PostAsync(new { name = "Secret", sk = "there" })).Is(HttpStatusCode.Created);
        var stranger = await stack.ClientAsync(role: "admin");

        foreach (var request in new[] { "data/{0}/{1}", "history/{0}/{1}", "history/{0}/{1}/1", "command/{0}/{1}/1" })
        {
            var answers = new List<string>();
            foreach (var sk in new[] { "there", "absent" })
            {
                var path = $"/api/product/{string.Format(request, Uri.EscapeDataString(owner.Pk), sk)}";
                var answer = (await stranger.SendAsync(HttpMethod.Get, path)).IsProblem(HttpStatusCode.Forbidden, "tenant-mismatch");
                answers.Add(WithoutTraceId(answer));
            }

            Assert.Equal(answers[0].Replace("there", "absent"), answers[1]);
        }

        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, $"/api/product/data/{Uri.EscapeDataString(owner.Pk)}"), (HttpMethod.Patch, owner.PathOf("there")),
            (HttpMethod.Delete, owner.PathOf("there")), (HttpMethod.Post, owner.PathOf("there") + "/restore"),
            (HttpMethod.Post, owner.PathOf("there") + "/rollback/1"), (HttpMethod.Post, owner.PathOf("there") + "/duplicate"),
            (HttpMethod.Post, owner.PathOf("there") + "/purge"), (HttpMethod.Put, $"/api/product/resync-data/{Uri.EscapeDataString(owner.Pk)}"),
            (HttpMethod.Get, $"/api/product/data?pk={Uri.EscapeDataString(owner.Pk)}"),
            (HttpMethod.Get, $"/api/product/data?id={Uri.EscapeDataString(owner.IdOf("there"))}"),
        })
        {
            (await stranger.SendAsync(method, path, method == HttpMethod.Patch ? new { name = "Mine", version = 1 } : null))
                .IsProblem(HttpStatusCode.Forbidden, "tenant-mismatch");
        }

        Assert.Equal(1, (await owner.GetAsync("there")).Is(HttpStatusCode.OK).Version);
    }

    // Conformance 40.
    [Theory]
    [InlineData("""{"name":"x","sk":"new","pk":"PRODUCT#{owner}"}""")]
    [InlineData("""{"name":"x","sk":"new","tenantCode":"{owner}"}""")]
    [InlineData("""{"name":"x","sk":"new","id":"PRODUCT#{owner}#new"}""")]
    [InlineData("""{"name":"","sk":"@","pk":"PRODUCT#{owner}"}""")]
    public async Task Bodies_that_name_another_tenant_are_refused_and_nothing_is_written(string body)
    {
        var owner = await stack.ClientAsync();
        var stranger = await stack.ClientAsync();

        (await stranger.PostAsync(body.Replace("{owner}", owner.Tenant))).IsProblem(HttpStatusCode.Forbidden, "tenant-mismatch");

        Assert.Empty((await owner.ListAsync()).Items);
        Assert.Empty((await stranger.ListAsync()).Items);
    }

    [Fact]
    public async Task Search_and_list_show_the_own_tenant_only()
    {
        var keyword = $"k{Guid.NewGuid():N}";
        var anna = await stack.ClientAsync();
        var zoe = await stack.ClientAsync();
        (await anna.PostAsync(new { name = $"Anna's {keyword}", sk = "same", code = "same-code" }, "?mode=sync")).Is(HttpStatusCode.Created);
        (await zoe.PostAsync(new { name = $"Zoe's {keyword}", sk = "same", code = "same-code" }, "?mode=sync")).Is(HttpStatusCode.Created);

        foreach (var (client, name) in new[] { (anna, "Anna's"), (zoe, "Zoe's") })
        {
            Assert.StartsWith(name, Assert.Single((await client.SearchAsync($"?keyword={keyword}")).Items)!["name"]!.GetValue<string>());
            Assert.StartsWith(name, Assert.Single((await client.ListAsync()).Items)!["name"]!.GetValue<string>());
            Assert.Equal(1, (await client.SearchAsync("?code=same-code")).Total);
        }
    }

    // Conformance 41.
    [Fact]
    public async Task The_tenant_of_the_token_wins_over_the_header()
    {
        var anna = await stack.ClientAsync();
        var zoe = await stack.ClientAsync();

        (await anna.PostAsync(new { name = "x", sk = "a" }, "", ("x-tenant-code", zoe.Tenant))).Is(HttpStatusCode.Created);

        Assert.Single((await anna.ListAsync()).Items);
        Assert.Empty((await zoe.ListAsync()).Items);
    }

    // Conformance 41.
    [Theory]
    [InlineData("user=anna", "{tenant}", false)]
    [InlineData("user=anna", "common", true)]
    [InlineData("user=anna", "COMMON", true)]
    [InlineData("user=anna", "", false)]
    [InlineData("user=anna&role=system_admin&global=true", "{tenant}", true)]
    [InlineData("user=anna&role=admin&global=true", "{tenant}", false)]
    [InlineData("user=anna&role=System_Admin&global=true", "{tenant}", false)]
    [InlineData("user=anna&role=system_admin&global=true", "not a tenant", false)]
    public async Task A_header_alone_names_a_tenant_for_the_common_one_and_for_cross_tenant_roles_only(string token, string header, bool isAllowed)
    {
        var tenant = Stack.NewTenant();
        var named = header.Replace("{tenant}", tenant);
        var client = stack.Client(named.ToLowerInvariant(), await stack.TokenAsync(token));

        var answer = await client.SendAsync(HttpMethod.Get, "/api/product/data", null, ("x-tenant-code", named));

        Assert.True(
            answer.Status == (isAllowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden), $"'{token}' with '{header}' came to {answer}");
    }

    // The Kelvin sign is a k when it is lower-cased.
    [Theory]
    [InlineData("\u212Aelvin")]
    [InlineData("kelvin\u00AD")]
    [InlineData("\u0130")]
    public async Task A_header_that_would_be_a_tenant_code_only_after_lower_casing_names_none(string header)
    {
        var token = await stack.TokenAsync("user=root&role=system_admin&global=true");
        var api = stack.App.GetEndpoint(Stack.Api, "http");

        (await RawRequest.SendAsync(api, "GET", "/api/product/data", token, ("x-tenant-code", "KELVIN"))).Is(HttpStatusCode.OK);
        (await RawRequest.SendAsync(api, "GET", "/api/product/data", token, ("x-tenant-code", header))).IsProblem(HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    public async Task A_tenant_code_in_capitals_is_the_same_tenant()
    {
        var anna = await stack.ClientAsync();
        var shouting = stack.Client(anna.Tenant, await stack.TokenAsync($"user=anna&tenant={anna.Tenant.ToUpperInvariant()}"));

        (await shouting.PostAsync(new { name = "x", sk = "a" })).Is(HttpStatusCode.Created);

        Assert.Equal(anna.Tenant, (await anna.GetAsync("a")).Is(HttpStatusCode.OK).At("tenantCode")!.GetValue<string>());
    }

    // Conformance 42: role names are case-sensitive.
    [Theory]
    [InlineData("role=admin", true)]
    [InlineData("role=system_admin&global=true", true)]
    [InlineData("role=admin&global=true", true)]
    [InlineData("role=Admin", false)]
    [InlineData("role=ADMIN", false)]
    [InlineData("role=member", false)]
    [InlineData("", false)]
    public async Task Only_admins_may_purge(string role, bool isAllowed)
    {
        var tenant = Stack.NewTenant();
        var client = stack.Client(tenant, await stack.TokenAsync($"user=anna&tenant={tenant}&{role}"));
        (await client.PostAsync(new { name = "x", sk = "a" })).Is(HttpStatusCode.Created);

        var answer = await client.ActAsync("a", "purge");

        if (isAllowed)
        {
            answer.Is(HttpStatusCode.Accepted);
        }
        else
        {
            answer.IsProblem(HttpStatusCode.Forbidden, "forbidden");
            (await client.GetAsync("a")).Is(HttpStatusCode.OK);
        }
    }

    // A role in a tenant beats the one held everywhere.
    [Fact]
    public async Task A_role_in_the_tenant_beats_one_held_everywhere()
    {
        var tenant = Stack.NewTenant();
        var parts = (await stack.TokenAsync($"user=anna&tenant={tenant}&role=admin&global=true")).Split('.');
        var roles = JsonSerializer.Serialize(new[] { new { tenant = "", role = "admin" }, new { tenant, role = "member" } });
        var client = stack.Client(tenant, Resign(parts[0], With(parts[1], "custom:roles", roles)));
        (await client.PostAsync(new { name = "x", sk = "a" })).Is(HttpStatusCode.Created);

        (await client.ActAsync("a", "purge")).IsProblem(HttpStatusCode.Forbidden, "forbidden");
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("[null]")]
    [InlineData("""[{"tenant":1,"role":2}]""")]
    [InlineData("""[{"tenant":"{Tenant}","role":"admin"}]""")]
    [InlineData("""[{"tenant":"{tenant} ","role":"admin"}]""")]
    [InlineData("""[{"tenant":"other","role":"admin","tenant":"{tenant}"}]""")]
    [InlineData("""[{"tenant":"other","Tenant":"{tenant}","role":"admin"}]""")]
    public async Task Roles_that_cannot_be_read_grant_nothing(string roles)
    {
        var tenant = $"k-{Guid.NewGuid():N}"[..18];
        var parts = (await stack.TokenAsync($"user=anna&tenant={tenant}")).Split('.');
        // With the Kelvin sign, which is a k when it is lower-cased.
        roles = roles.Replace("{Tenant}", $"\u212A{tenant[1..]}").Replace("{tenant}", tenant);
        var client = stack.Client(tenant, Resign(parts[0], With(parts[1], "custom:roles", roles)));
        (await client.PostAsync(new { name = "x", sk = "a" })).Is(HttpStatusCode.Created);

        (await client.ActAsync("a", "purge")).IsProblem(HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    public async Task A_job_is_shown_to_its_tenant_only()
    {
        var owner = await stack.ClientAsync();
        var stranger = await stack.ClientAsync();
        var job = (await owner.SendAsync(HttpMethod.Put, $"/api/product/resync-data/{Uri.EscapeDataString(owner.Pk)}")).Is(HttpStatusCode.Accepted);
        var location = job.Response.Headers.Location!.OriginalString;

        (await owner.SendAsync(HttpMethod.Get, location)).Is(HttpStatusCode.OK);
        (await stranger.SendAsync(HttpMethod.Get, location)).IsProblem(HttpStatusCode.NotFound, "not-found");
    }

    private static string With(string payload, string claim, string? value)
    {
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(payload))!.AsObject();
        claims.Remove(claim);
        if (value is not null)
        {
            claims[claim] = value;
        }

        return Encode(claims.ToJsonString());
    }

    private static string Resign(string header, string payload) =>
        $"{header}.{payload}.{Base64Url.EncodeToString(HMACSHA256.HashData(DevTokens.SigningKey.Key, Encoding.ASCII.GetBytes($"{header}.{payload}")))}";

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static string WithoutTraceId(Answer answer)
    {
        var problem = answer.Json.AsObject();
        problem.Remove("traceId");
        return problem.ToJsonString();
    }
}

using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace WebTests.OpenId;

public sealed class OpenIdSignInTests(WebStack web)
{
    private const string Cookie = "__Host-product-web";

    [Fact]
    public async Task Outside_Development_a_provider_signs_people_in_its_tokens_are_renewed_and_signing_out_is_of_both()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { sk = "one", name = "Signed in" });
        await using var provider = new Provider(isExpired => web.TokenAsync($"user=u-1&tenant={tenant}&expires={(isExpired ? -1 : 3600)}")) { Tenant = tenant };
        await provider.StartAsync();
        await using var production = ProductionWeb.Start(web.ApiAddress, provider.Settings);
        await production.IsUpAsync();
        await using var visitor = await web.VisitAsync(address: production.Address);

        await visitor.Page.GotoAsync("/products/edit?sk=one");
        await Expect(visitor.Page).ToHaveURLAsync(new Uri(production.Address, "products/edit?sk=one").ToString());
        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Signed in" })).ToBeVisibleAsync();
        var header = visitor.Page.GetByRole(AriaRole.Banner);
        await Expect(header).ToContainTextAsync("Ann Other");
        await Expect(header).ToContainTextAsync("auditor, everywhere");
        await Expect(header.Locator("fluent-badge")).ToHaveTextAsync(tenant);
        Assert.Contains(await visitor.Page.Context.CookiesAsync(), cookie => cookie.Name == Cookie);
        // The first token had expired, whatever was said of it.
        Assert.Equal(1, provider.Renewals);

        await visitor.Button("Sign out").ClickAsync();
        await Expect(visitor.Page).ToHaveURLAsync(new Regex("/signed-out$"));
        Assert.DoesNotContain(await visitor.Page.Context.CookiesAsync(), cookie => cookie.Name == Cookie);
    }

    [Fact]
    public async Task Outside_Development_nobody_says_themselves_who_they_are()
    {
        await using var provider = new Provider(_ => Task.FromResult("none"));
        await provider.StartAsync();
        await using var production = ProductionWeb.Start(web.ApiAddress, provider.Settings);
        await production.IsUpAsync();

        // An account without a tenant gets no further.
        await using var visitor = await web.VisitAsync(address: production.Address);
        await visitor.Page.GotoAsync("/products");
        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "You could not be signed in" })).ToBeVisibleAsync();

        using var client = production.Client();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = "sign-in", ["Form.User"] = "ann", ["Form.Tenant"] = "acme" });
        using var answer = await client.PostAsync(new Uri("/sign-in", UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.StartsWith(provider.Address, answer.Headers.Location?.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith(Cookie, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Outside_Development_the_front_end_does_not_start_without_a_provider()
    {
        await using var production = ProductionWeb.Start(web.ApiAddress, new Dictionary<string, string>());
        Assert.NotEqual(0, await production.ExitCodeAsync());
        Assert.Contains("Authentication:Schemes:OpenIdConnect:Authority", await production.OutputAsync());
    }
}

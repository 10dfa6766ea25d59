using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace WebTests;

public sealed class SigningInTests(WebStack web)
{
    [Fact]
    public async Task A_visitor_who_is_not_signed_in_is_sent_to_sign_in_and_from_there_to_where_they_wanted()
    {
        await using var visitor = await web.VisitAsync();
        await visitor.Page.GotoAsync("/products?keyword=chair");
        await Expect(visitor.Page).ToHaveURLAsync(new Regex("/sign-in\\?"));

        await visitor.FillSignInAsync("ann", WebStack.NewTenant());

        await Expect(visitor.Page).ToHaveURLAsync(new Regex("/products\\?keyword=chair$"));
        await Expect(visitor.SearchBox).ToHaveValueAsync("chair");
    }

    [Fact]
    public async Task User_tenant_and_role_are_in_sight_on_every_page()
    {
        var tenant = WebStack.NewTenant();
        await using var visitor = await web.VisitAsync();
        await visitor.SignInAsync("ann", tenant.ToUpperInvariant(), "admin");
        foreach (var address in new[] { "/products", "/products/new" })
        {
            await visitor.Page.GotoAsync(address);
            var header = visitor.Page.GetByRole(AriaRole.Banner);
            await Expect(header.GetByText("ann", new() { Exact = true })).ToBeVisibleAsync();
            await Expect(header.GetByText(tenant, new() { Exact = true })).ToBeVisibleAsync();
            await Expect(header.GetByText("admin", new() { Exact = true })).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task Signing_in_without_a_user_or_with_an_impossible_tenant_says_what_is_wrong()
    {
        await using var visitor = await web.VisitAsync();
        await visitor.Page.GotoAsync("/sign-in");
        await visitor.FillSignInAsync("", "a b");
        await visitor.ExpectErrorAtAsync("User", "User is required");
        await visitor.ExpectErrorAtAsync("Tenant", "Tenant has 1 to 64 letters");
    }

    [Fact]
    public async Task Who_signs_out_is_out()
    {
        await using var visitor = await web.SignInAsync();
        await visitor.Button("Sign out").ClickAsync();
        await Expect(visitor.Page).ToHaveURLAsync(new Regex("/sign-in$"));
        await visitor.Page.GotoAsync("/products");
        await Expect(visitor.Page).ToHaveURLAsync(new Regex("/sign-in\\?"));
    }

    [Theory]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example")]
    [InlineData("https://elsewhere.example/")]
    public async Task Signing_in_never_leads_to_another_site(string returnUrl)
    {
        await using var visitor = await web.VisitAsync();
        await visitor.Page.GotoAsync($"/sign-in?returnUrl={Uri.EscapeDataString(returnUrl)}");
        await visitor.FillSignInAsync("ann", WebStack.NewTenant());
        await Expect(visitor.Page).ToHaveURLAsync(new Uri(web.Address, "products").ToString());
    }

    [Fact]
    public async Task The_cookie_that_signs_in_is_kept_from_scripts_and_from_other_sites()
    {
        await using var visitor = await web.SignInAsync();
        var cookies = await visitor.Page.Context.CookiesAsync();
        Assert.Contains(cookies, cookie => cookie.Name == "product-web");
        Assert.All(cookies, cookie =>
        {
            Assert.True(cookie.HttpOnly, $"{cookie.Name} is open to scripts.");
            Assert.NotEqual(SameSiteAttribute.None, cookie.SameSite);
        });
    }

    [Fact]
    public async Task Signing_out_once_more_in_another_tab_leads_to_sign_in()
    {
        await using var visitor = await web.SignInAsync();
        var other = await visitor.Page.Context.NewPageAsync();
        await other.GotoAsync("/products");
        await visitor.Button("Sign out").ClickAsync();
        await Expect(visitor.Page).ToHaveURLAsync(new Regex("/sign-in$"));
        await other.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(other).ToHaveURLAsync(new Regex("/sign-in$"));
    }

    [Fact]
    public async Task A_page_of_somebody_who_was_signed_in_before_signs_nobody_out_and_says_to_load_it_again()
    {
        await using var visitor = await web.SignInAsync();
        var other = await visitor.Page.Context.NewPageAsync();
        await other.GotoAsync("/products");
        await visitor.SignInAsync("bob", WebStack.NewTenant());
        await other.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(other.GetByRole(AriaRole.Heading)).ToHaveTextAsync("The page was out of date");
        await other.GetByRole(AriaRole.Link, new() { Name = "Load it again" }).ClickAsync();
        await Expect(other.GetByText("bob", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Another_site_signs_nobody_out()
    {
        await using var visitor = await web.SignInAsync();
        var answer = await visitor.Page.Context.APIRequest.PostAsync(new Uri(web.Address, "sign-out").ToString());
        Assert.Equal(400, answer.Status);
        await visitor.Page.ReloadAsync();
        await Expect(visitor.Button("Sign out")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_form_that_another_site_posts_is_refused()
    {
        using var client = web.PlainClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "sign-in",
            ["Form.User"] = "ann",
            ["Form.Tenant"] = "acme",
        });
        using var answer = await client.PostAsync(new Uri("/sign-in", UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Health_is_told_to_everyone()
    {
        using var client = web.PlainClient();
        foreach (var address in new[] { "/health", "/alive" })
        {
            using var answer = await client.GetAsync(new Uri(address, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }
}

using System.Net;
using Microsoft.Playwright;

namespace WebTests;

/// <summary>What comes from outside is shown as text, and other sites get no hold of the pages.</summary>
public sealed class HostileTests(WebStack web)
{
    private static readonly string[] Names =
    [
        "<img src=x onerror=\"window.hacked=1\">",
        "\"><script>window.hacked=1</script>",
        "</td></table><script>window.hacked=1</script>",
        "' onmouseover='window.hacked=1",
        "javascript:window.hacked=1",
        "<!--<script>--> &lt;b&gt; {{7*7}} ${7*7} @(7*7)",
    ];

    [Fact]
    public async Task Names_that_are_markup_are_shown_as_the_text_they_are()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, [.. Names.Select((name, i) => new { name, code = $"{name} {i}", attributes = new { category = name } })]);
        await using var visitor = await web.SignInAsync(tenant);
        await Expect(visitor.Rows).ToHaveCountAsync(Names.Length);
        foreach (var name in Names)
        {
            await Expect(visitor.Rows.GetByText(name, new() { Exact = true }).First).ToBeVisibleAsync();
        }

        await visitor.SearchBox.FillAsync(Names[1]);
        await Expect(visitor.Status).ToHaveTextAsync($"1 product for “{Names[1]}”");
        await visitor.Page.GotoAsync($"/products?keyword={Uri.EscapeDataString(Names[0])}&sort={Uri.EscapeDataString(Names[1])}");
        await Expect(visitor.SearchBox).ToHaveValueAsync(Names[0]);
        await Expect(visitor.Rows).ToHaveCountAsync(1);

        Assert.True(await visitor.Page.EvaluateAsync<bool>("() => window.hacked === undefined"));
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task No_script_stands_in_a_page_and_one_that_got_into_it_would_not_run()
    {
        await using var visitor = await web.SignInAsync();
        foreach (var address in new[] { "/sign-in", "/products", "/products/new" })
        {
            await visitor.Page.GotoAsync(address);
            await Expect(visitor.Page.GetByRole(AriaRole.Heading).First).ToBeVisibleAsync();
            Assert.Equal(0, await visitor.Page.EvaluateAsync<int>("() => [...document.scripts].filter(script => !script.src).length"));
        }

        Assert.Empty(visitor.Complaints);
        Assert.True(await visitor.Page.EvaluateAsync<bool>(
            """
            () => {
                const script = document.createElement('script');
                script.textContent = 'window.hacked = 1';
                document.body.append(script);
                document.body.insertAdjacentHTML('beforeend', '<button id="trap" onclick="window.hacked = 1">x</button>');
                document.getElementById('trap').click();
                return window.hacked === undefined;
            }
            """));
    }

    [Theory]
    [InlineData("/sign-in", HttpStatusCode.OK)]
    [InlineData("/products", HttpStatusCode.Redirect)]
    [InlineData("/app.css", HttpStatusCode.OK)]
    [InlineData("/not-found", HttpStatusCode.OK)]
    public async Task Every_answer_says_what_a_browser_may_do_with_it(string address, HttpStatusCode status)
    {
        using var client = web.PlainClient();
        using var answer = await client.GetAsync(new Uri(address, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(status, answer.StatusCode);
        var policies = answer.Headers.GetValues("Content-Security-Policy").SelectMany(policy => policy.Split(';', StringSplitOptions.TrimEntries)).ToList();
        Assert.Contains("default-src 'self'", policies);
        Assert.Contains("script-src 'self'", policies);
        Assert.Contains("object-src 'none'", policies);
        Assert.All(policies.Where(policy => policy.StartsWith("frame-ancestors", StringComparison.Ordinal)), policy => Assert.Equal("frame-ancestors 'none'", policy));
        Assert.Contains("frame-ancestors 'none'", policies);
        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["same-origin"], answer.Headers.GetValues("Referrer-Policy"));
        Assert.False(answer.Headers.Contains("Server"));
    }
}

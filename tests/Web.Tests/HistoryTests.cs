using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace WebTests;

public sealed class HistoryTests(WebStack web)
{
    [Fact]
    public async Task Every_version_tells_who_when_and_by_what_and_any_two_can_be_compared()
    {
        var tenant = await ThreeVersionsAsync();
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Version 3: history of Third" }).ClickAsync();

        var versions = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Versions" }).GetByRole(AriaRole.Listitem);
        await Expect(versions).ToHaveCountAsync(3);
        await Expect(versions.First).ToContainTextAsync("Version 3");
        await Expect(versions.First).ToContainTextAsync("by carl");
        await Expect(versions.First).ToContainTextAsync("[product]:PublishEndpoints.Publish");
        await Expect(versions.First).ToContainTextAsync(new Regex("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC"));
        await Expect(versions.Last).ToContainTextAsync("by importer");

        var comparison = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Comparison" });
        await Expect(comparison.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Version 2 and version 3");
        await Expect(comparison.GetByRole(AriaRole.Row).Filter(new() { HasText = "Category" })).ToHaveTextAsync(new Regex("Seats\\s*none"));
        await Expect(comparison.GetByRole(AriaRole.Row).Filter(new() { HasText = "Price" })).ToHaveCountAsync(0);

        await versions.Last.GetByRole(AriaRole.Radio, new() { Name = "Compare" }).CheckAsync();
        await Expect(comparison.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Version 1 and version 3");
        await Expect(comparison.GetByRole(AriaRole.Row).Filter(new() { HasText = "Price" })).ToHaveTextAsync(new Regex("10\\s*12.5"));
        await visitor.Page.ReloadAsync();
        await Expect(comparison.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Version 1 and version 3");
    }

    [Fact]
    public async Task Versions_that_cannot_be_compared_leave_no_comparison_of_others_in_sight()
    {
        var tenant = await ThreeVersionsAsync();
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.Page.GotoAsync("/products/history?sk=one");
        var comparison = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Comparison" });
        await Expect(comparison.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Version 2 and version 3");
        await Expect(visitor.Button("Roll back to version 1")).ToBeEnabledAsync();

        await visitor.Page.EvaluateAsync("Blazor.navigateTo('/products/history?sk=one&from=1&to=99')");

        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("such version");
        await Expect(comparison.GetByRole(AriaRole.Heading)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Rolling_back_makes_a_new_version_with_the_old_content()
    {
        var tenant = await ThreeVersionsAsync();
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.Page.GotoAsync("/products/history?sk=one");
        await visitor.Button("Roll back to version 1").ClickAsync();
        await Expect(visitor.Page.GetByText("Version 4 has the content of version 1 again.")).ToBeVisibleAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Listitem).First).ToContainTextAsync("Version 4");
        await visitor.EditAsync("one");
        await Expect(visitor.Field("Name")).ToHaveValueAsync("First");
        await Expect(visitor.Field("Price")).ToHaveValueAsync("10");
    }

    [Fact]
    public async Task A_version_that_somebody_else_saves_meanwhile_is_there_by_itself_and_older_ones_come_on_demand()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { sk = "one", name = "Name 1" });
        using var bob = await web.ApiClientAsync("bob", tenant);
        for (var version = 1; version < 60; version++)
        {
            await PostAsync(bob, new { sk = "one", name = $"Name {version + 1}", version });
        }

        await using var visitor = await web.SignInAsync(tenant);
        await visitor.Page.GotoAsync("/products/history?sk=one");
        await Expect(visitor.Page.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(50);
        await PostAsync(bob, new { sk = "one", name = "Newest", version = 60 });
        await Expect(visitor.Page.GetByRole(AriaRole.Listitem).First).ToContainTextAsync("Version 61");
        await visitor.Button("Older versions").ClickAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(61);
    }

    private static async Task PostAsync(HttpClient writer, object product)
    {
        using var answer = await writer.PostAsJsonAsync("/api/product", product, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"The answer was {answer.StatusCode}.");
    }

    private async Task<string> ThreeVersionsAsync()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { sk = "one", name = "First", attributes = new { category = "Seats", price = 10 } });
        using var bob = await web.ApiClientAsync("bob", tenant);
        await PostAsync(bob, new { sk = "one", name = "Second", version = 1, attributes = new { category = "Seats", price = 12.50m } });
        using var carl = await web.ApiClientAsync("carl", tenant);
        await PostAsync(carl, new { sk = "one", name = "Third", version = 2, attributes = new { price = 12.50m } });
        return tenant;
    }
}

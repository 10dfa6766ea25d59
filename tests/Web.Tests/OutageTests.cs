using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace WebTests;

/// <summary>The pages while the API is away.</summary>
public sealed class OutageTests(WebStack web)
{
    [Fact]
    public async Task While_the_API_is_down_the_list_says_so_and_a_new_try_brings_it_back()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { name = "Chair 1" });
        await using var visitor = await web.SignInAsync(tenant);
        await Expect(visitor.Rows).ToHaveCountAsync(1);

        await web.WithoutAsync(WebStack.Api, async () =>
        {
            await visitor.SearchBox.FillAsync("chair");
            await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Products cannot be reached right now");
            await visitor.CreateAsync(("Name", "Late"));
            await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Products cannot be reached right now");
        });

        await visitor.Button("Create").ClickAsync();
        await Expect(visitor.Rows).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task What_is_deleted_can_be_brought_back_at_once_and_later()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { sk = "one", name = "One" });
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.EditAsync("one");
        await visitor.Button("Delete").ClickAsync();
        await Expect(visitor.Page.GetByText("“One” is deleted.")).ToBeVisibleAsync();
        await Expect(visitor.Status).ToHaveTextAsync("0 products");
        await web.WithoutAsync(WebStack.Api, async () =>
        {
            await visitor.Button("Undo").ClickAsync();
            await Expect(visitor.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("Products cannot be reached right now");
        });
        await visitor.Button("Undo").ClickAsync();
        await Expect(visitor.Rows).ToHaveCountAsync(1);

        await visitor.EditAsync("one");
        await visitor.Button("Delete").ClickAsync();
        await Expect(visitor.Status).ToHaveTextAsync("0 products");
        await visitor.Page.GetByLabel("Deleted ones too").CheckAsync();
        await Expect(visitor.Page).ToHaveURLAsync(new Regex("\\?deleted=1$"));
        await Expect(visitor.Rows.First).ToContainTextAsync("deleted");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "One", Exact = true }).ClickAsync();
        await visitor.Button("Restore").ClickAsync();
        await Expect(visitor.Page.GetByText("Restored.")).ToBeVisibleAsync();
        await Expect(visitor.Page.GetByText("version 5", new() { Exact = true })).ToBeVisibleAsync();
    }
}

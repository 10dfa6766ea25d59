using Microsoft.Playwright;

namespace WebTests;

public sealed class ExportTests(WebStack web)
{
    [Theory]
    [InlineData("Export CSV", "CH-1,Chair 1,")]
    [InlineData("Export JSON Lines", "\"name\":\"Chair 1\"")]
    public async Task What_the_list_is_filtered_to_can_be_downloaded(string link, string part)
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(
            tenant,
            new { sk = "1", code = "CH-1", name = "Chair 1", attributes = new { category = "Seats", price = 10 } },
            new { sk = "2", code = "CH-2", name = "Chair 2", attributes = new { category = "Seats", price = 20 } },
            new { sk = "3", code = "TB-3", name = "Table", attributes = new { category = "Tables", price = 10 } });
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.Page.GotoAsync("/products?category=Seats&max=15");
        await Expect(visitor.Rows).ToHaveCountAsync(1);
        var download = await visitor.Page.RunAndWaitForDownloadAsync(
            () => visitor.Page.GetByRole(AriaRole.Link, new() { Name = link }).ClickAsync());
        var text = await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken);
        Assert.Contains(part, text);
        Assert.DoesNotContain("CH-2", text);
        Assert.DoesNotContain("TB-3", text);
        Assert.Matches("\\.(csv|jsonl)$", download.SuggestedFilename);
    }
}

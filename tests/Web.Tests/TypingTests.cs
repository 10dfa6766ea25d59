using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace WebTests;

/// <summary>What somebody types gets there, and is not lost on the way.</summary>
public sealed class TypingTests(WebStack web)
{
    [Fact]
    public async Task A_text_may_be_long()
    {
        await using var visitor = await EditAsync();
        var text = new string('x', 40_000);
        await visitor.Field("Description").FillAsync(text);
        await visitor.Button("Save").ClickAsync();
        await Expect(visitor.Page.GetByText("Saved as version 2.")).ToBeVisibleAsync();
        await visitor.Page.ReloadAsync();
        await Expect(visitor.Field("Description")).ToHaveValueAsync(text);
    }

    private async Task<Visitor> EditAsync()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { sk = "one", name = "One" });
        var visitor = await web.SignInAsync(tenant);
        await visitor.EditAsync("one");
        return visitor;
    }
}

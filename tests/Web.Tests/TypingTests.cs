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

    [Fact]
    public async Task What_is_typed_while_a_save_is_under_way_stays_and_so_does_the_focus()
    {
        await using var visitor = await EditAsync();
        await visitor.Field("Price").FillAsync("5");
        await visitor.Field("Price").PressAsync("Tab");
        // In one go: the server hears of both before the save is answered.
        await visitor.Page.EvaluateAsync("""
            () => {
              const name = document.getElementById('name');
              name.form.requestSubmit();
              name.focus();
              name.value = 'Typed meanwhile';
              name.dispatchEvent(new Event('change', { bubbles: true }));
            }
            """);
        await Expect(visitor.Page.GetByText("Saved as version 2.")).ToBeVisibleAsync();
        await Expect(visitor.Field("Name")).ToBeFocusedAsync();
        await Expect(visitor.Field("Name")).ToHaveValueAsync("Typed meanwhile");
        await visitor.Button("Save").ClickAsync();
        await Expect(visitor.Page.GetByText("Saved as version 3.")).ToBeVisibleAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Typed meanwhile" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Restoring_keeps_what_is_typed()
    {
        await using var visitor = await EditAsync();
        await visitor.Button("Delete").ClickAsync();
        await Expect(visitor.Page.GetByText("“One” is deleted.")).ToBeVisibleAsync();
        await visitor.EditAsync("one");
        await visitor.Field("Name").FillAsync("Typed");
        await visitor.Button("Restore").ClickAsync();
        await Expect(visitor.Page.GetByText("Restored.")).ToBeVisibleAsync();
        await Expect(visitor.Field("Name")).ToHaveValueAsync("Typed");
    }

    [Theory]
    [InlineData("/products/edit?sk=one")]
    [InlineData("/products/new")]
    public async Task Leaving_with_something_typed_has_to_be_confirmed(string address)
    {
        await using var visitor = await EditAsync();
        await visitor.Page.GotoAsync(address);
        await Expect(visitor.Field("Name")).ToBeEnabledAsync();
        await visitor.Field("Name").FillAsync("Typed");
        await visitor.Field("Price").FocusAsync();
        List<string> asked = [];
        var isLeaving = false;
        visitor.Page.Dialog += async (_, dialog) =>
        {
            asked.Add(dialog.Type);
            await (isLeaving ? dialog.AcceptAsync() : dialog.DismissAsync());
        };
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();
        await Eventually.IsTrueAsync("it is asked", () => Task.FromResult(asked.Count == 1));
        await visitor.Page.EvaluateAsync("() => setTimeout(() => location.reload())");
        await Eventually.IsTrueAsync("the browser asks", () => Task.FromResult(asked.Count == 2));
        Assert.Equal([DialogType.Confirm, DialogType.BeforeUnload], asked);
        await Expect(visitor.Field("Name")).ToHaveValueAsync("Typed");

        isLeaving = true;
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();
        await Expect(visitor.Rows).ToHaveCountAsync(1);
        await Expect(visitor.Rows.First).ToContainTextAsync("One");
    }

    [Fact]
    public async Task What_is_saved_or_unchanged_is_left_without_a_question()
    {
        await using var visitor = await EditAsync();
        visitor.Page.Dialog += async (_, dialog) => await dialog.DismissAsync();
        await visitor.Field("Name").FillAsync("Typed");
        await visitor.Button("Save").ClickAsync();
        await Expect(visitor.Page.GetByText("Saved as version 2.")).ToBeVisibleAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();
        await Expect(visitor.Rows).ToHaveCountAsync(1);
        await visitor.EditAsync("one");
        await visitor.Field("Name").FillAsync("No longer wanted");
        await visitor.Button("Delete").ClickAsync();
        await Expect(visitor.Page.GetByText("“Typed” is deleted.")).ToBeVisibleAsync();
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

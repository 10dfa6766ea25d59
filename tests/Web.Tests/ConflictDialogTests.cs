using System.Net.Http.Json;
using Microsoft.Playwright;

namespace WebTests;

public sealed class ConflictDialogTests(WebStack web)
{
    [Fact]
    public async Task When_somebody_else_was_faster_the_person_chooses_field_by_field()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { sk = "one", name = "Base", attributes = new { category = "Old", price = 1, description = "Same" } });
        await using var ann = await web.SignInAsync(tenant);
        await ann.EditAsync("one");
        await ann.Field("Name").FillAsync("Mine");
        await ann.Field("Price").FillAsync("3");

        using var bob = await web.ApiClientAsync("bob", tenant);
        var theirs = new { sk = "one", name = "Theirs", version = 1, attributes = new { category = "New", price = 1, description = "Same" } };
        using var saved = await bob.PostAsJsonAsync("/api/product", theirs, TestContext.Current.CancellationToken);
        Assert.True(saved.IsSuccessStatusCode);

        await ann.Button("Save").ClickAsync();
        await Expect(ann.Page.GetByRole(AriaRole.Alertdialog, new() { Name = "Somebody else changed this product" })).ToBeVisibleAsync();
        var dialog = ann.Dialog;
        await Expect(dialog).ToContainTextAsync("bob saved version 2");
        var name = dialog.GetByRole(AriaRole.Group, new() { Name = "Name" });
        await Expect(name).ToContainTextAsync("Base");
        await Expect(name.GetByRole(AriaRole.Radio, new() { Name = "Theirs" })).Not.ToBeCheckedAsync();
        await Expect(name.GetByRole(AriaRole.Radio, new() { Name = "Yours" })).Not.ToBeCheckedAsync();
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Save what is chosen" })).ToBeDisabledAsync();
        // Changed by one of the two only: chosen already.
        await Expect(dialog.GetByRole(AriaRole.Group, new() { Name = "Category" }).GetByRole(AriaRole.Radio, new() { Name = "Theirs" })).ToBeCheckedAsync();
        await Expect(dialog.GetByRole(AriaRole.Group, new() { Name = "Price" }).GetByRole(AriaRole.Radio, new() { Name = "Yours" })).ToBeCheckedAsync();
        await Expect(dialog.GetByRole(AriaRole.Group, new() { Name = "Description" })).ToHaveCountAsync(0);

        await name.GetByRole(AriaRole.Radio, new() { Name = "Yours" }).CheckAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save what is chosen" }).ClickAsync();
        await Expect(ann.Page.GetByText("Saved as version 3.")).ToBeVisibleAsync();
        await Expect(ann.Field("Name")).ToHaveValueAsync("Mine");
        await Expect(ann.Field("Category")).ToHaveValueAsync("New");
        await Expect(ann.Field("Price")).ToHaveValueAsync("3");
    }

    [Fact]
    public async Task Who_edits_is_told_that_somebody_else_saved_before_saving_and_loses_nothing()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { sk = "one", name = "Base" });
        await using var ann = await web.SignInAsync(tenant);
        await using var bob = await web.SignInAsync(tenant, "bob");
        await ann.EditAsync("one");
        await ann.Field("Description").FillAsync("Ann's words");
        await bob.EditAsync("one");
        await bob.Field("Category").FillAsync("Bob's");
        await bob.Button("Save").ClickAsync();

        await Expect(ann.Page.GetByText("bob saved version 2 while you were here.")).ToBeVisibleAsync();
        await ann.Button("Show").ClickAsync();
        await Expect(ann.Page.GetByRole(AriaRole.Alertdialog)).ToBeVisibleAsync();
        await ann.Page.Keyboard.PressAsync("Escape");
        await Expect(ann.Page.GetByRole(AriaRole.Alertdialog)).ToBeHiddenAsync();
        await Expect(ann.Field("Description")).ToHaveValueAsync("Ann's words");
        await ann.Button("Save").ClickAsync();
        await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "Save what is chosen" }).ClickAsync();
        await Expect(ann.Page.GetByText("Saved as version 3.")).ToBeVisibleAsync();
        await Expect(ann.Field("Category")).ToHaveValueAsync("Bob's");
    }
}

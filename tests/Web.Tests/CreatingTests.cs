using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTests.OpenId;

namespace WebTests;

public sealed partial class CreatingTests(WebStack web)
{
    [Fact]
    public async Task A_product_created_in_the_form_is_in_the_list_at_once_and_search_finds_it()
    {
        await using var visitor = await web.SignInAsync();
        await visitor.CreateAsync(
            ("Name", "Oak chair"), ("Code", "CH-1"), ("Category", "Seats"), ("Price", "149.90"),
            ("Description", "Made to last"), ("Weight", "7 kg"), ("Dimensions", "45 x 50 x 90 cm"));

        await Expect(visitor.Page).ToHaveURLAsync(ListAddress());
        await Expect(visitor.Rows).ToHaveCountAsync(1);
        await Expect(visitor.Rows.First).ToContainTextAsync("CH-1");
        await Expect(visitor.Rows.First).ToContainTextAsync("Oak chair");
        await Expect(visitor.Rows.First).ToContainTextAsync("149.90");
        await Expect(visitor.Rows.First).Not.ToContainTextAsync("syncing");

        foreach (var keyword in new[] { "oak", "ch-1", "seats", "TO LAST" })
        {
            await visitor.SearchBox.FillAsync(keyword);
            await Expect(visitor.Status).ToHaveTextAsync($"1 product for “{keyword}”");
            await Expect(visitor.Rows).ToHaveCountAsync(1);
        }
    }

    [Fact]
    public async Task A_price_keeps_every_digit()
    {
        await using var visitor = await web.SignInAsync();
        await visitor.CreateAsync(("Name", "Exact"), ("Price", "12345678901234567890.12345678"));
        await Expect(visitor.Rows.First).ToContainTextAsync("12345678901234567890.12345678");
        await Expect(visitor.Rows.First).Not.ToContainTextAsync("syncing");
        await Expect(visitor.Rows.First).ToContainTextAsync("12345678901234567890.12345678");
    }

    [Fact]
    public async Task What_is_wrong_stands_next_to_its_field_and_the_first_such_field_has_the_focus()
    {
        await using var visitor = await web.SignInAsync();
        await visitor.CreateAsync(("Price", "12,50"));
        await visitor.ExpectErrorAtAsync("Name", "Name is required");
        await visitor.ExpectErrorAtAsync("Price", "Price must be a number");
        await Expect(visitor.Field("Name")).ToBeFocusedAsync();

        await visitor.Field("Name").FillAsync("Chair");
        await visitor.Field("Price").FillAsync("12.50");
        await visitor.Button("Create").ClickAsync();
        await Expect(visitor.Page).ToHaveURLAsync(ListAddress());
    }

    [Fact]
    public async Task What_the_API_refuses_stands_next_to_its_field()
    {
        await using var visitor = await web.SignInAsync();
        await visitor.CreateAsync(("Name", new string('n', 501)), ("Category", new string('c', 201)));
        await visitor.ExpectErrorAtAsync("Category", "Category ");
        await visitor.Field("Category").FillAsync("Seats");
        await visitor.Button("Create").ClickAsync();
        await visitor.ExpectErrorAtAsync("Name", "Name ");
        await Expect(visitor.Page).ToHaveURLAsync(new Regex("/products/new$"));
    }

    [Fact]
    public async Task A_code_that_another_product_has_is_refused_next_to_the_code()
    {
        await using var visitor = await web.SignInAsync();
        await visitor.CreateAsync(("Name", "First"), ("Code", "TWICE"));
        await Expect(visitor.Rows).ToHaveCountAsync(1);
        await visitor.CreateAsync(("Name", "Second"), ("Code", "TWICE"));
        await visitor.ExpectErrorAtAsync("Code", "Code is taken");

        await visitor.Field("Code").FillAsync("ONCE");
        await visitor.Button("Create").ClickAsync();
        await Expect(visitor.Page).ToHaveURLAsync(ListAddress());
        await Expect(visitor.Rows).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task What_is_typed_outlives_a_connection_that_is_lost_for_long()
    {
        await using var visitor = await web.SignInAsync();
        await visitor.Page.GotoAsync("/products/new");
        await visitor.Field("Name").FillAsync("Typed");
        await visitor.Field("Price").FillAsync("5");
        await visitor.Field("Price").PressAsync("Tab");
        await visitor.BeginAnewAsync();
        await Expect(visitor.Field("Name")).ToBeEnabledAsync();
        await Expect(visitor.Field("Name")).ToHaveValueAsync("Typed");
        await visitor.Button("Create").ClickAsync();
        await Expect(visitor.Rows).ToHaveCountAsync(1);
        await Expect(visitor.Rows.First).ToContainTextAsync("5");
    }

    [Fact]
    public async Task What_is_corrected_after_an_answer_was_lost_is_a_change_of_the_product_that_is_there_even_if_the_page_began_anew()
    {
        await using var lossy = await LossyApi.StartAsync(web.ApiAddress);
        await using var front = ProductionWeb.Start(
            lossy.Address, new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["DOTNET_ENVIRONMENT"] = "Development" });
        await front.IsUpAsync();
        await using var visitor = await web.VisitAsync(address: front.Address);
        await visitor.SignInAsync("ann", WebStack.NewTenant());

        lossy.LosesAnswersToWrites = true;
        await visitor.CreateAsync(("Name", "First try"), ("Category", "Seats"), ("Price", "1"));
        await Expect(visitor.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("Products cannot be reached right now");
        lossy.LosesAnswersToWrites = false;
        await visitor.BeginAnewAsync();
        await Expect(visitor.Field("Name")).ToBeEnabledAsync();
        await visitor.Field("Name").FillAsync("Corrected");
        await visitor.Field("Category").FillAsync("");
        await visitor.Button("Create").ClickAsync();

        await Expect(visitor.Rows).ToHaveCountAsync(1);
        await Expect(visitor.Rows.First).ToContainTextAsync("Corrected");
        await Expect(visitor.Rows.First).Not.ToContainTextAsync("Seats");
        await Expect(visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Version 2: history of Corrected" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_product_can_be_created_with_the_keyboard_alone()
    {
        await using var visitor = await web.SignInAsync();
        await visitor.Page.GotoAsync("/products/new");
        await Expect(visitor.Field("Name")).ToBeEnabledAsync();
        var keys = visitor.Page.Keyboard;
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Skip to content" }).FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(visitor.Page.GetByRole(AriaRole.Main)).ToBeFocusedAsync();
        await keys.PressAsync("Tab");
        await Expect(visitor.Field("Name")).ToBeFocusedAsync();
        await keys.TypeAsync("Typed");
        await keys.PressAsync("Tab");
        await keys.TypeAsync("KEYS");
        await keys.PressAsync("Enter");
        await Expect(visitor.Page).ToHaveURLAsync(ListAddress());
        await Expect(visitor.Rows.First).ToContainTextAsync("KEYS");
    }

    [Fact]
    public async Task Another_tenant_does_not_see_it()
    {
        await using var ann = await web.SignInAsync();
        await ann.CreateAsync(("Name", "Secret"), ("Code", "S-1"));
        await Expect(ann.Rows).ToHaveCountAsync(1);
        await Expect(ann.Rows.First).Not.ToContainTextAsync("syncing");

        await using var bob = await web.SignInAsync(user: "bob");
        await Expect(bob.Page.GetByText("There are no products yet.")).ToBeVisibleAsync();
        await bob.SearchBox.FillAsync("Secret");
        await Expect(bob.Status).ToHaveTextAsync("0 products for “Secret”");
        await bob.CreateAsync(("Name", "Mine"), ("Code", "S-1"));
        await Expect(bob.Rows).ToHaveCountAsync(1);
        await Expect(bob.Rows.First).ToContainTextAsync("Mine");
    }

    [GeneratedRegex("/products$")]
    private static partial Regex ListAddress();
}

using System.Net.Http.Json;
using Microsoft.Playwright;

namespace WebTests;

/// <summary>What the list shows by itself.</summary>
public sealed class LiveTests(WebStack web)
{
    [Fact]
    public async Task A_row_is_marked_while_the_worker_is_stopped_and_the_mark_goes_when_it_has_caught_up()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { sk = "old", name = "Old" });
        await using var ann = await web.SignInAsync(tenant);
        await using var bob = await web.SignInAsync(tenant, "bob");
        await web.WithoutAsync(WebStack.Worker, async () =>
        {
            await ann.CreateAsync(("Name", "Fresh"));
            await Expect(Row(ann, "Fresh")).ToContainTextAsync("syncing");
            await ann.EditAsync("old");
            await ann.Field("Name").FillAsync("Changed");
            await ann.Button("Save").ClickAsync();
            await Expect(ann.Page.GetByText("Saved as version 2.")).ToBeVisibleAsync();
            await ann.Page.GetByRole(AriaRole.Link, new() { Name = "← Products" }).ClickAsync();
            await Expect(Row(ann, "Changed")).ToContainTextAsync("syncing");
            await Expect(Row(ann, "Fresh")).ToContainTextAsync("syncing");
            // Somebody else does not see the change yet, but that one is on its way.
            await Expect(bob.Rows).ToHaveCountAsync(1);
            await Expect(Row(bob, "Old")).ToContainTextAsync("syncing");
        });

        await Expect(Row(ann, "Fresh")).Not.ToContainTextAsync("syncing");
        await Expect(Row(ann, "Changed")).Not.ToContainTextAsync("syncing");
        await Expect(Row(bob, "Changed")).Not.ToContainTextAsync("syncing");
        await Expect(bob.Rows).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task The_mark_of_each_new_product_goes_when_search_shows_it()
    {
        var tenant = WebStack.NewTenant();
        await using var ann = await web.SignInAsync(tenant);
        using var bob = await web.ApiClientAsync("bob", tenant);
        for (var i = 1; i <= 10; i++)
        {
            var name = $"Product {i:00}";
            await ann.CreateAsync(("Name", name));
            await Expect(Row(ann, name)).ToBeVisibleAsync();
            await Eventually.IsTrueAsync($"search shows {name}", async () =>
                (await bob.GetFromJsonAsync<Found>("/api/product/data?pageSize=1", TestContext.Current.CancellationToken))!.Total == i);
            // Before a mark whose event was missed is looked after: that takes up to 10 s.
            await Expect(Row(ann, name)).Not.ToContainTextAsync("syncing", new() { Timeout = 4000 });
        }
    }

    [Fact]
    public async Task A_mark_that_goes_moves_nothing_on_the_page()
    {
        const string Name = "A name that goes on for longer than anybody thought a name of a product would ever go on";
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { sk = "old", code = "C-1", name = "Old" }, new { sk = "gone", name = "Gone", isDeleted = true });
        await using var list = await web.SignInAsync(tenant);
        await using var cards = await web.SignInAsync(tenant, look: Look.Phone);
        await using var form = await web.SignInAsync(tenant, look: Look.Phone);
        Visitor[] all = [list, cards, form];
        var before = new List<string>();
        await web.WithoutAsync(WebStack.Worker, async () =>
        {
            await form.EditAsync("old");
            await form.Field("Name").FillAsync(Name);
            await form.Button("Save").ClickAsync();
            await form.Page.GotoAsync("/products/edit?sk=gone");
            await form.Button("Restore").ClickAsync();
            await Expect(form.Page.GetByText("Restored.")).ToBeVisibleAsync();
            await form.EditAsync("old");
            foreach (var visitor in new[] { list, cards })
            {
                await visitor.Page.GotoAsync("/products?deleted=1");
                await Expect(visitor.Page.GetByText("syncing")).ToHaveCountAsync(2);
            }

            foreach (var visitor in all)
            {
                await Expect(visitor.Page.GetByText("syncing").First).ToBeVisibleAsync();
                await Expect(visitor.Page.GetByRole(AriaRole.Textbox).Or(visitor.SearchBox).First).ToBeEnabledAsync();
                await visitor.Page.EvaluateAsync("() => customElements.whenDefined('fluent-badge')");
                before.Add(await PositionsAsync(visitor));
                await visitor.Page.EvaluateAsync("""
                    () => {
                      window.shifts = [];
                      new PerformanceObserver(list => list.getEntries().forEach(shift => window.shifts.push(shift.value)))
                        .observe({ type: 'layout-shift' });
                    }
                    """);
            }
        });

        foreach (var (visitor, seen) in all.Zip(before))
        {
            await Expect(visitor.Page.GetByText("syncing")).ToHaveCountAsync(0);
            Assert.Equal(seen, await PositionsAsync(visitor));
            Assert.Equal("[]", await visitor.Page.EvaluateAsync<string>("() => JSON.stringify(window.shifts)"));
        }
    }

    [Fact]
    public async Task What_other_users_of_the_tenant_do_is_in_the_list_by_itself_and_other_tenants_see_nothing_of_it()
    {
        var tenant = WebStack.NewTenant();
        await using var ann = await web.SignInAsync(tenant);
        await using var eve = await web.SignInAsync(user: "eve");
        await Expect(ann.Page.GetByText("There are no products yet.")).ToBeVisibleAsync();

        using var bob = await web.ApiClientAsync("bob", tenant);
        await PostAsync(bob, new { sk = "one", name = "Bob's" });
        await Expect(Row(ann, "Bob's")).ToBeVisibleAsync();
        await PostAsync(bob, new { sk = "one", name = "Bob's new", version = 1 });
        await Expect(Row(ann, "Bob's new")).ToContainTextAsync("bob");
        using var deleted = await bob.DeleteAsync($"/api/product/data/PRODUCT%23{tenant}/one", TestContext.Current.CancellationToken);
        await Expect(ann.Page.GetByText("There are no products yet.")).ToBeVisibleAsync();
        await Expect(eve.Page.GetByText("There are no products yet.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task After_the_API_was_away_the_list_goes_on_showing_what_happens()
    {
        var tenant = WebStack.NewTenant();
        await using var ann = await web.SignInAsync(tenant);
        await Expect(ann.Page.GetByText("There are no products yet.")).ToBeVisibleAsync();
        await web.WithoutAsync(WebStack.Api, () => Task.CompletedTask);
        using var bob = await web.ApiClientAsync("bob", tenant);
        await PostAsync(bob, new { name = "Later" });
        await Expect(Row(ann, "Later")).ToBeVisibleAsync();
    }

    // Of all that is there with a mark and without.
    private static Task<string> PositionsAsync(Visitor visitor) => visitor.Page.EvaluateAsync<string>("""
        () => [...document.querySelectorAll('main *')]
          .filter(element => !element.closest('fluent-badge'))
          .map(element => [element, element.getBoundingClientRect()])
          .map(([element, at]) => `${element.tagName} ${at.x.toFixed(1)} ${at.y.toFixed(1)} ${at.width.toFixed(1)} ${at.height.toFixed(1)}`)
          .join('\n')
        """);

    private sealed record Found(long Total);

    private static ILocator Row(Visitor visitor, string name) => visitor.Rows.Filter(new() { HasText = name });

    private static async Task PostAsync(HttpClient writer, object product)
    {
        using var answer = await writer.PostAsJsonAsync("/api/product", product, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"The answer was {answer.StatusCode}.");
    }
}

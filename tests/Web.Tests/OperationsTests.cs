using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace WebTests;

public sealed class OperationsTests(WebStack web)
{
    [Fact]
    public async Task Operators_see_lag_and_shards_and_others_do_not()
    {
        await using var root = await web.SignInAsync(user: "root", globalRole: "system_admin");
        await root.Page.GetByRole(AriaRole.Link, new() { Name = "Operations" }).ClickAsync();
        var shards = root.Page.GetByRole(AriaRole.Table, new() { Name = "Shards of the command streams" });
        await Expect(shards.GetByRole(AriaRole.Row)).Not.ToHaveCountAsync(1);
        await Expect(shards).ToContainTextAsync("product");
        await Expect(root.Page.GetByRole(AriaRole.Img, new() { NameRegex = new(@"^Lag of the read models: .* now; the most that was seen since \d\d:\d\d UTC is ") })).ToBeVisibleAsync();
        // Two samples make a line.
        await Expect(root.Page.Locator("polyline").Last).ToHaveAttributeAsync("points", new Regex("\\S+ \\S+"));
        await Expect(root.Page.GetByText("None. Commands that a read model keeps refusing would be here.")).ToBeVisibleAsync();

        await using var member = await web.SignInAsync();
        await Expect(member.Page.GetByRole(AriaRole.Link, new() { Name = "Operations" })).ToHaveCountAsync(0);
        await member.Page.GotoAsync("/operations");
        await Expect(member.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Not allowed");
    }

    [Fact]
    public async Task While_the_API_is_down_what_was_read_before_is_not_called_the_state_of_now()
    {
        await using var root = await web.SignInAsync(user: "root", globalRole: "system_admin");
        await root.Page.GotoAsync("/operations");
        var lag = root.Page.GetByRole(AriaRole.Region, new() { Name = "Lag" });
        await Expect(lag).ToContainTextAsync(" now; ");
        // The page that came with the first answer stands still; the line moves once the page has read by itself.
        var line = lag.Locator("polyline").First;
        await Expect(line).Not.ToHaveAttributeAsync("points", await line.GetAttributeAsync("points") ?? "");

        await web.WithoutAsync(WebStack.Api, async () =>
        {
            await Expect(root.Page.GetByText("What follows was read at")).ToBeVisibleAsync();
            await Expect(lag).ToContainTextAsync("when it was last read, at ");
            await Expect(lag).Not.ToContainTextAsync(" now; ");
        });

        await Expect(lag).ToContainTextAsync(" now; ");
        await Expect(root.Page.GetByText("What follows was read at")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_parked_command_says_why_and_goes_through_once_the_cause_is_gone()
    {
        var tenant = WebStack.NewTenant();
        await using var root = await web.SignInAsync(tenant, "root", globalRole: "system_admin");
        await web.ExecuteSqlAsync($"ALTER TABLE products ADD CONSTRAINT refuses CHECK (NOT (tenant_code = '{tenant}' AND name = 'Refused'))");
        try
        {
            await root.CreateAsync(("Name", "Refused"), ("Code", "R-1"));
            await Expect(root.Rows.First).ToContainTextAsync("not synced");
            await root.Page.GetByRole(AriaRole.Link, new() { Name = "Operations" }).ClickAsync();
            var parked = root.Page.GetByRole(AriaRole.Article);
            await Expect(parked).ToContainTextAsync($"PRODUCT#{tenant}");
            await Expect(parked).ToContainTextAsync("refuses");
            await root.Button("Replay").ClickAsync();
            await Expect(root.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The command failed again");
        }
        finally
        {
            await web.ExecuteSqlAsync("ALTER TABLE products DROP CONSTRAINT refuses");
        }

        await root.Button("Replay").ClickAsync();
        await Expect(root.Page.GetByText("went through")).ToBeVisibleAsync();
        await Expect(root.Page.GetByRole(AriaRole.Article)).ToHaveCountAsync(0);
        await root.Page.GetByRole(AriaRole.Link, new() { Name = "Products", Exact = true }).ClickAsync();
        await Expect(root.Rows.First).Not.ToContainTextAsync("not synced");
        await using var bob = await web.SignInAsync(tenant, "bob");
        await Expect(bob.Rows.First).ToContainTextAsync("R-1");
    }

    [Fact]
    public async Task A_resync_mends_the_read_model_and_shows_how_far_it_is()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, [.. Enumerable.Range(1, 3).Select(number => new { name = $"Product {number}" })]);
        await web.ExecuteSqlAsync($"DELETE FROM products WHERE tenant_code = '{tenant}' AND name = 'Product 2'");
        await using var root = await web.SignInAsync(tenant, "root", globalRole: "system_admin");
        await Expect(root.Status).ToHaveTextAsync("2 products");
        await root.Page.GotoAsync("/operations");
        await root.Button("Resync").ClickAsync();
        await Expect(root.Page.GetByText("Done: 3 products written.")).ToBeVisibleAsync();
        await root.Page.ReloadAsync();
        await Expect(root.Page.GetByText("Done: 3 products written.")).ToBeVisibleAsync();
        await root.Page.GetByRole(AriaRole.Link, new() { Name = "Products", Exact = true }).ClickAsync();
        await Expect(root.Status).ToHaveTextAsync("3 products");
    }

    [Fact]
    public async Task A_resync_is_followed_through_an_outage_of_the_API()
    {
        var tenant = WebStack.NewTenant();
        await web.AddProductsAsync(tenant, new { name = "One" });
        await using var root = await web.SignInAsync(tenant, "root", globalRole: "system_admin");
        await root.Page.GotoAsync("/operations");
        var outage = Task.CompletedTask;
        // The API does not start without the worker.
        var workerIsBack = new TaskCompletionSource();
        try
        {
            await web.WithoutAsync(WebStack.Worker, async () =>
            {
                await root.Button("Resync").ClickAsync();
                await Expect(root.Page.GetByText("Waiting for a worker…")).ToBeVisibleAsync();
                outage = web.WithoutAsync(WebStack.Api, () => workerIsBack.Task);
                var panel = root.Page.GetByRole(AriaRole.Region, new() { Name = "Resync" });
                await Expect(panel.GetByRole(AriaRole.Alert)).ToContainTextAsync("cannot be reached right now");
            });
        }
        finally
        {
            workerIsBack.SetResult();
            await outage;
        }

        await Expect(root.Page.GetByText("Done: 1 products written.")).ToBeVisibleAsync();
    }
}

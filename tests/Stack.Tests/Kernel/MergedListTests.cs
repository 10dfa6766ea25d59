using Cqrs.CommandLog;
using Cqrs.Items;

namespace StackTests.Kernel;

/// <summary>Lists with the user's own writes merged in: what they show, and what that costs. Conformance 21, 24.</summary>
public sealed class MergedListTests(Stack stack)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task However_it_is_cut_into_pages_a_list_shows_what_its_reader_has_done()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var expected = new List<(string Sk, long Version, bool IsDeleted)>();
        var states = Enumerable.Range(0, 64).Select(i => i % 8).ToArray();
        new Random(20261125).Shuffle(states);
        foreach (var (i, state) in states.Index())
        {
            var sk = $"s{i:00}";
            if (state > 0)
            {
                expected.Add(await MakeAsync(sk, state));
            }
        }

        var pages =
            from limit in new[] { 1, 2, 7, 100 }
            from isDescending in new[] { false, true }
            from includeDeleted in new[] { false, true }
            select new ListPage(limit, null, isDescending, includeDeleted);
        foreach (var page in pages)
        {
            var shown = expected.Where(item => page.IncludeDeleted || !item.IsDeleted).Select(item => $"{item.Sk} {item.Version}");
            Assert.Equal(page.IsDescending ? shown.Reverse() : shown, await ReadAllAsync(page));
        }

        // What anna sees of it.
        async Task<(string Sk, long Version, bool IsDeleted)> MakeAsync(string sk, int state)
        {
            var first = await kernel.AcceptAsync(kernel.Input(sk), options: kernel.By(state == 2 ? "anna" : "ben"));
            if (state != 2)
            {
                await kernel.ProjectAsync(first);
            }

            if (state < 3)
            {
                return (sk, 1, false);
            }

            var isDeleted = state is 4 or 5;
            var second = await kernel.AcceptAsync(
                kernel.Input(sk, 1, "Changed") with { IsDeleted = isDeleted }, options: kernel.By(state == 7 ? "ben" : "anna"));
            if (state is 5 or 6)
            {
                await kernel.ProjectAsync(second);
            }

            if (state != 6)
            {
                return (sk, state == 7 ? 1 : 2, isDeleted);
            }

            // Somebody else's newer version.
            await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input(sk, 2, "Other"), options: kernel.By("ben")));
            return (sk, 3, false);
        }

        async Task<List<string>> ReadAllAsync(ListPage page)
        {
            var all = new List<string>();
            do
            {
                var (items, lastSk) = await kernel.Repository.ListAsync(kernel.Pk, page, new UserContext("anna", kernel.Tenant), Token);
                Assert.True(items.Count == page.Limit || (items.Count < page.Limit && lastSk is null), $"A page of {items.Count} before {lastSk}");
                all.AddRange(items.Select(item => $"{item.Sk} {item.Version}"));
                page = page with { StartFromSk = lastSk };
            }
            while (page.StartFromSk is not null);

            return all;
        }
    }

    [Fact]
    public async Task A_list_that_shows_the_own_writes_already_costs_no_more_for_them()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var (user, token) = (new UserContext("anna", kernel.Tenant), TestContext.Current.CancellationToken);
        foreach (var sk in new[] { "a", "b", "c" })
        {
            await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input(sk)));
        }

        // What the page does not reach does not matter to it, applied or not.
        await kernel.AcceptAsync(kernel.Input("c", 1, "Changed"));
        kernel.Requests.Take();
        Assert.Equal(["a 1", "b 1"], await ListAsync(new ListPage(2), lastSk: "b", "Query session", "Query thing-data"));
        Assert.Equal(["b 1", "a 1"], await ListAsync(new ListPage(2, "c", IsDescending: true), lastSk: null, "Query session", "Query thing-data"));
        Assert.Equal(["c 2"], await ListAsync(new ListPage(2, "b"), lastSk: null, "BatchGetItem thing-command", "Query session", "Query thing-data"));

        // Nor does somebody else's newer version, which shows that the own one was applied.
        await kernel.ProjectAsync(await kernel.LogAsync("c"));
        await kernel.ProjectAsync(await kernel.AcceptAsync(kernel.Input("a", 1, "Changed"), options: kernel.By("ben")));
        kernel.Requests.Take();
        Assert.Equal(["a 2", "b 1", "c 2"], await ListAsync(new ListPage(3), lastSk: null, "Query session", "Query thing-data"));

        // A page that does not show the deleted item cannot tell that it is applied.
        var deleted = await kernel.AcceptAsync(kernel.Input("a", 2, "Changed") with { IsDeleted = true });
        kernel.Requests.Take();
        Assert.Equal(["b 1", "c 2"], await ListAsync(
            new ListPage(2), lastSk: null, "BatchGetItem thing-command", "Query session", "Query thing-data", "Query thing-data"));
        await kernel.ProjectAsync(deleted);
        kernel.Requests.Take();
        Assert.Equal(["b 1", "c 2"], (await kernel.Repository.ListAsync(kernel.Pk, new ListPage(2), user, token)).Items.Select(item => $"{item.Sk} {item.Version}"));
        Assert.Contains("BatchGetItem thing-data", kernel.Requests.Take());
        Assert.Equal(["a 3", "b 1"], await ListAsync(new ListPage(2, IncludeDeleted: true), lastSk: "b", "Query session", "Query thing-data"));

        async Task<IEnumerable<string>> ListAsync(ListPage page, string? lastSk, params string[] requests)
        {
            var found = await kernel.Repository.ListAsync(kernel.Pk, page, user, token);
            Assert.Equal(requests, kernel.Requests.Take().Order());
            Assert.Equal(lastSk, found.LastSk);
            return found.Items.Select(item => $"{item.Sk} {item.Version}");
        }
    }

    [Fact]
    public async Task A_page_costs_no_more_if_hundreds_of_own_writes_are_pending()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var user = new UserContext("anna", kernel.Tenant);
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => kernel.AcceptAsync(kernel.Input($"s{i:000}"))));
        kernel.Requests.Take();

        var (items, lastSk) = await kernel.Repository.ListAsync(kernel.Pk, new ListPage(10, "s099"), user, Token);

        Assert.Equal(Enumerable.Range(100, 10).Select(i => $"s{i}"), items.Select(item => item.Sk));
        Assert.Equal("s109", lastSk);
        Assert.Equal(["BatchGetItem thing-command", "BatchGetItem thing-data", "Query session", "Query thing-data"], kernel.Requests.Take().Order());
    }

    [Fact]
    public async Task A_page_after_hundreds_of_own_deletions_takes_a_few_requests()
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var user = new UserContext("anna", kernel.Tenant);
        await kernel.ProjectAsync(await Task.WhenAll(
            Enumerable.Range(0, 301).Select(i => kernel.AcceptAsync(kernel.Input($"s{i:000}"), options: kernel.By("ben")))));
        var deletions = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => kernel.AcceptAsync(kernel.Input($"s{i:000}", 1) with { IsDeleted = true })));
        kernel.Requests.Take();

        await ShowsTheLastAsync();
        await kernel.ProjectAsync(deletions);
        kernel.Requests.Take();
        await ShowsTheLastAsync();

        async Task ShowsTheLastAsync()
        {
            var (items, lastSk) = await kernel.Repository.ListAsync(kernel.Pk, new ListPage(10), user, Token);
            Assert.Equal("s300", Assert.Single(items).Sk);
            Assert.Null(lastSk);
            Assert.InRange(kernel.Requests.Take().Count, 1, 30);
        }
    }

    [Fact]
    public async Task A_write_that_is_applied_and_forgotten_while_a_list_waits_for_its_entries_is_shown()
    {
        await using var proxy = await DynamoDbProxy.StartAsync(stack.DynamoDbEndpoint);
        await using var kernel = await KernelHost.StartAsync(stack, proxy.Endpoint);
        var user = new UserContext("anna", kernel.Tenant);
        var command = await kernel.AcceptAsync(kernel.Input("chair"));
        var (rowsAreRead, mayReadEntries, isHeld) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        proxy.Answered = (operation, body) =>
        {
            if (operation == "Query" && body.Contains("thing-data\"", StringComparison.Ordinal))
            {
                rowsAreRead.TrySetResult();
            }
        };
        proxy.Decide = async (operation, body) =>
        {
            if (operation == "Query" && body.Contains("session\"", StringComparison.Ordinal) && Interlocked.Exchange(ref isHeld, 1) == 0)
            {
                await mayReadEntries.Task;
            }

            return Fate.Pass;
        };

        var listing = kernel.Repository.ListAsync(kernel.Pk, new ListPage(10), user, Token);
        await rowsAreRead.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);
        await kernel.ProjectAsync(command);
        await kernel.Repository.GetPendingAsync(
            kernel.Pk, user, (keys, _) => Task.FromResult<IReadOnlyDictionary<ItemKey, long>>(keys.ToDictionary(key => key, _ => 1L)), Token);
        await Eventually.GetAsync(
            "the entry is forgotten",
            async () => (await kernel.QueryAsync(kernel.Tables.Session, "thing#", $"anna#{kernel.Tenant}")).Count,
            count => count == 0);
        mayReadEntries.SetResult();

        Assert.Equal("chair", Assert.Single((await listing).Items).Sk);
    }
}

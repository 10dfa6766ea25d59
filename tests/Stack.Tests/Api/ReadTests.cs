using System.Net;
using Cqrs.Items;

namespace StackTests.Api;

/// <summary>GET by key, lists, search, history and how far a command has come.</summary>
public sealed class ReadTests(Stack stack)
{
    [Theory]
    [InlineData("\"1\"", HttpStatusCode.NotModified)]
    [InlineData("W/\"1\"", HttpStatusCode.NotModified)]
    [InlineData("*", HttpStatusCode.NotModified)]
    [InlineData("\"7\", \"1\"", HttpStatusCode.NotModified)]
    [InlineData("\"2\"", HttpStatusCode.OK)]
    [InlineData("1", HttpStatusCode.OK)]
    public async Task A_version_that_the_caller_has_is_not_sent_again(string ifNoneMatch, HttpStatusCode status)
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(new { sk = "chair", name = "Chair" });

        var answer = (await client.GetAsync("chair", ("If-None-Match", ifNoneMatch))).Is(status);

        Assert.Equal("\"1\"", answer.ETag);
        Assert.Equal(status == HttpStatusCode.NotModified, answer.Text.Length == 0);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        var client = await stack.ClientAsync();

        (await client.GetAsync("none")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await client.HistoryAsync("none")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await client.HistoryAsync("none", "/1")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await client.CommandAsync("none", 1)).IsProblem(HttpStatusCode.NotFound, "not-found");
        Assert.Empty((await client.ListAsync()).Is(HttpStatusCode.OK).Items);
        Assert.Equal(0, (await client.SearchAsync()).Is(HttpStatusCode.OK).Total);
    }

    [Theory]
    [InlineData("asc")]
    [InlineData("desc")]
    public async Task A_list_is_in_the_order_of_the_keys_and_its_pages_neither_repeat_nor_skip(string order)
    {
        var client = await stack.ClientAsync();
        var other = await stack.ClientAsync(client.Tenant, "ben");
        string[] sks = ["A", "a", "a b", "a#", "a/", "b", "ä", "z", "\ue000", "\uffff", "\U00010000", "🪑"];
        foreach (var sk in sks)
        {
            (await client.PostAsync(new { sk, name = "x" }, "?mode=sync")).Is(HttpStatusCode.Created);
        }

        var expected = sks.OrderBy(sk => sk, Comparer<string>.Create(Keys.CompareSk));
        foreach (var user in new[] { client, other })
        {
            var (listed, pages, start) = (new List<string>(), 0, (string?)null);
            do
            {
                var page = (await user.ListAsync($"?limit=5&order={order}{(start is null ? "" : $"&startFromSk={Uri.EscapeDataString(start)}")}")).Is(HttpStatusCode.OK);
                listed.AddRange(page.Items.Select(item => item!["sk"]!.GetValue<string>()));
                start = page.At("lastSk")?.GetValue<string>();
                pages++;
            }
            while (start is not null);

            Assert.Equal(order == "asc" ? expected : expected.Reverse(), listed);
            Assert.Equal(3, pages);
        }
    }

    [Fact]
    public async Task A_search_filters_by_every_field()
    {
        var client = await stack.ClientAsync();
        var other = await stack.ClientAsync(client.Tenant, "ben");
        await client.BulkAsync(new object[]
        {
            new { sk = "1", code = "AB-1", name = "Oak chair", attributes = new { category = "Furniture", price = 10.00m, description = "Solid" } },
            new { sk = "2", code = "AB-2", name = "Pine table", attributes = new { category = "Furniture", price = 20.5m, description = "Round, from OAK too" } },
            new { sk = "3", code = "CD-3", name = "Lamp", attributes = new { category = "Lighting", price = 30m } },
            new { sk = "4", code = "CD-4", name = "Free", attributes = new { category = "oaken" } },
        });
        await Eventually.GetAsync("all are in Postgres", () => stack.Postgres.CountAsync(client.Tenant), count => count == 4);

        foreach (var (query, sks) in new[]
        {
            ("keyword=oak", "1 2 4"), ("keyword=OAK%20CHAIR", "1"), ("keyword=ab-", "1 2"), ("keyword=nothing", ""), ("category=Furniture", "1 2"),
            ("category=furniture", ""), ("code=CD-3", "3"), ("sk=2", "2"), ($"id={Uri.EscapeDataString(client.IdOf("4"))}", "4"),
            ($"pk={Uri.EscapeDataString(client.Pk)}", "1 2 3 4"), ("minPrice=20.5", "2 3"), ("maxPrice=20.5", "1 2"),
            ("minPrice=10&maxPrice=10.0", "1"), ("minPrice=31", ""), ("keyword=oak&category=Furniture&minPrice=15", "2"), ("keyword=&category=", "1 2 3 4"),
        })
        {
            foreach (var user in new[] { client, other })
            {
                var found = (await user.SearchAsync($"?{query}&orderBys=code")).Is(HttpStatusCode.OK);
                Assert.Equal((query, sks), (query, string.Join(' ', found.Items.Select(item => item!["sk"]!.GetValue<string>()))));
                Assert.Equal(found.Items.Count, found.Total);
            }
        }
    }

    [Fact]
    public async Task A_search_is_sorted_and_paged_without_repeating_or_skipping()
    {
        var client = await stack.ClientAsync();
        var other = await stack.ClientAsync(client.Tenant, "ben");
        await client.BulkAsync(Enumerable.Range(0, 25).Select(i => new
        {
            sk = $"s{i:00}", name = $"Name {i % 3}", attributes = new { price = i % 5, category = i % 2 == 0 ? "even" : "odd" },
        }));
        await Eventually.GetAsync("all are in Postgres", () => stack.Postgres.CountAsync(client.Tenant), count => count == 25);

        var sorted = (await other.SearchAsync("?pageSize=100&orderBys=category:desc&orderBys=-price&orderBys=name")).Items
            .Select(item => (
                Category: item!["attributes"]!["category"]!.GetValue<string>(),
                Price: item["attributes"]!["price"]!.GetValue<decimal>(),
                Name: item["name"]!.GetValue<string>()))
            .ToList();
        Assert.Equal(sorted.OrderByDescending(i => i.Category).ThenByDescending(i => i.Price).ThenBy(i => i.Name), sorted);

        foreach (var order in new[] { "", "&orderBys=name", "&orderBys=price:asc", "&orderBys=createdAt:desc" })
        {
            var seen = new List<string>();
            for (var number = 1; number <= 4; number++)
            {
                var page = (await other.SearchAsync($"?page={number}&pageSize=7{order}")).Is(HttpStatusCode.OK);
                Assert.Equal(25, page.Total);
                Assert.Equal(number < 4 ? 7 : 4, page.Items.Count);
                seen.AddRange(page.Items.Select(item => item!["sk"]!.GetValue<string>()));
            }

            Assert.Equal(25, seen.Distinct().Count());
        }

        Assert.Empty((await other.SearchAsync("?page=5&pageSize=7")).Is(HttpStatusCode.OK).Items);
        Assert.Empty((await other.SearchAsync("?page=2147483647&pageSize=1000")).Is(HttpStatusCode.OK).Items);
    }

    [Fact]
    public async Task The_total_and_the_page_of_a_search_are_of_one_moment()
    {
        var client = await stack.ClientAsync();
        var reader = await stack.ClientAsync(client.Tenant, "ben");
        var writing = Parallel.ForEachAsync(
            Enumerable.Range(0, 400),
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (i, _) => (await client.PostAsync(new { name = $"Chair {i}" })).Is(HttpStatusCode.Created));

        while (!writing.IsCompleted)
        {
            var answer = (await reader.SearchAsync("?pageSize=1000")).Is(HttpStatusCode.OK);
            Assert.Equal(answer.Total, answer.Items.Count);
        }

        await writing;
    }

    [Fact]
    public async Task The_newest_product_is_found_first()
    {
        var client = await stack.ClientAsync();
        var other = await stack.ClientAsync(client.Tenant, "ben");
        foreach (var sk in new[] { "c", "a", "b" })
        {
            await client.PostAsync(new { sk, name = "x" }, "?mode=sync");
        }

        Assert.Equal(["b", "a", "c"], (await other.SearchAsync()).Items.Select(item => item!["sk"]!.GetValue<string>()));
    }

    [Fact]
    public async Task History_has_every_version_newest_first_for_every_caller_at_once()
    {
        var anna = await stack.ClientAsync();
        var ben = await stack.ClientAsync(anna.Tenant, "ben");
        for (var version = 0; version < 12; version++)
        {
            await (version % 2 == 0 ? anna : ben).PostAsync(
                new { sk = "chair", name = $"Name {version + 1}", version }, version % 3 == 0 ? "?mode=sync" : "", ("x-request-id", $"request-{version + 1}"));
        }

        var all = (await ben.HistoryAsync("chair")).Is(HttpStatusCode.OK);

        Assert.Equal(Enumerable.Range(1, 12).Reverse().Select(v => $"Name {v}"), all.Items.Select(item => item!["name"]!.GetValue<string>()));
        Assert.Equal(Enumerable.Range(1, 12).Reverse().Select(v => $"request-{v}"), all.Items.Select(item => item!["requestId"]!.GetValue<string>()));
        Assert.Equal(["ben", "anna"], all.Items.Take(2).Select(item => item!["updatedBy"]!.GetValue<string>()));
        Assert.All(all.Items, item => Assert.Equal("chair", item!["sk"]!.GetValue<string>()));
        Assert.Equal([12, 11, 10], await VersionsAsync("?limit=3"));
        Assert.Equal([9, 8], await VersionsAsync("?limit=2&before=10"));
        Assert.Equal([2, 1], await VersionsAsync("?before=3"));
        Assert.Empty(await VersionsAsync("?before=1"));
        Assert.Equal([12, 11], await VersionsAsync("?limit=2&before=1000"));
        Assert.Equal("Name 5", (await ben.HistoryAsync("chair", "/5")).Is(HttpStatusCode.OK).At("name")!.GetValue<string>());
        (await ben.HistoryAsync("chair", "/13")).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await ben.HistoryAsync("chair", "/0")).NamesField("version", "invalid-version");
        (await ben.HistoryAsync("chair", "?limit=0")).NamesField("limit");
        (await ben.HistoryAsync("chair", "?before=0")).NamesField("before");

        async Task<IEnumerable<long>> VersionsAsync(string query) =>
            (await ben.HistoryAsync("chair", query)).Is(HttpStatusCode.OK).Items.Select(item => item!["version"]!.GetValue<long>());
    }

    [Fact]
    public async Task History_is_complete_without_a_limit_and_tells_where_the_next_page_begins_with_one()
    {
        var client = await stack.ClientAsync();
        (await client.BulkAsync(Enumerable.Range(0, 120).Select(version => new { sk = "chair", name = $"Name {version + 1}", version }))).Is(HttpStatusCode.OK);

        var all = (await client.HistoryAsync("chair")).Is(HttpStatusCode.OK);
        Assert.Equal(Enumerable.Range(1, 120).Reverse().Select(v => (long)v), all.Items.Select(item => item!["version"]!.GetValue<long>()));
        Assert.Null(all.At("before"));

        var (seen, before) = (new List<long>(), (long?)null);
        do
        {
            var page = (await client.HistoryAsync("chair", $"?limit=50{(before is null ? "" : $"&before={before}")}")).Is(HttpStatusCode.OK);
            seen.AddRange(page.Items.Select(item => item!["version"]!.GetValue<long>()));
            before = page.At("before")?.GetValue<long>();
        }
        while (before is not null);

        Assert.Equal(Enumerable.Range(1, 120).Reverse().Select(v => (long)v), seen);
    }

    [Fact]
    public async Task A_command_is_finished_when_every_read_model_has_it()
    {
        var client = await stack.ClientAsync();
        for (var version = 0; version < 3; version++)
        {
            await client.PostAsync(new { sk = "chair", name = $"Name {version + 1}", version });
        }

        var newest = (await client.CommandAsync("chair", 3, wait: 20)).Is(HttpStatusCode.OK);

        Assert.Equal(("FINISHED", "Name 3"), (newest.At("status")!.GetValue<string>(), newest.At("name")!.GetValue<string>()));
        Assert.Equal(3, ReadModel.VersionOf(await stack.Postgres.RowAsync(client.IdOf("chair"))));
        Assert.Equal("FINISHED", (await client.CommandAsync("chair", 1)).Is(HttpStatusCode.OK).At("status")!.GetValue<string>());
        (await client.CommandAsync("chair", 4)).IsProblem(HttpStatusCode.NotFound, "not-found");
        (await client.CommandAsync("chair", 0)).NamesField("version", "invalid-version");
        (await client.CommandAsync("chair", 1, wait: 31)).NamesField("wait");
    }

    // Conformance 21: the worker may or may not be faster; the user sees it in any case.
    [Fact]
    public async Task Users_see_their_own_writes_at_once()
    {
        var client = await stack.ClientAsync();
        for (var i = 0; i < 10; i++)
        {
            var sk = $"s{i}";
            await client.PostAsync(new { sk, name = $"First {i}" });
            Assert.Equal(1, (await client.GetAsync(sk)).Is(HttpStatusCode.OK).Version);
            Assert.Equal(i + 1, (await client.SearchAsync()).Total);
            Assert.Equal(i + 1, (await client.ListAsync("?limit=100")).Items.Count);

            await client.PostAsync(new { sk, name = $"Second {i}", version = 1 });
            Assert.Equal($"Second {i}", (await client.GetAsync(sk)).At("name")!.GetValue<string>());
            Assert.Equal(1, (await client.SearchAsync($"?keyword=second%20{i}")).Total);
            Assert.Equal(0, (await client.SearchAsync($"?keyword=first%20{i}")).Total);
        }

        await client.DeleteAsync("s5");
        Assert.Equal(9, (await client.SearchAsync()).Total);
        Assert.DoesNotContain((await client.ListAsync("?limit=100")).Items, item => item!["sk"]!.GetValue<string>() == "s5");
    }
}

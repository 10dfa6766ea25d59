using System.Net;
using Cqrs.AspNetCore.Files;

namespace StackTests.Transfer;

/// <summary>What a search finds can be taken away as a file, which a spreadsheet takes for text and an import for what it was.</summary>
public sealed class ExportTests(Stack stack)
{
    [Theory]
    [InlineData("=1+1")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@SUM(A1)")]
    [InlineData("\tx")]
    [InlineData("\rx")]
    [InlineData("'quoted")]
    [InlineData("''")]
    [InlineData("")]
    [InlineData(" spaces ")]
    [InlineData("a,\"b\"\r\nc")]
    public async Task A_text_that_a_spreadsheet_could_take_for_a_formula_is_guarded_and_comes_back_as_it_was(string text)
    {
        var client = await stack.ClientAsync();
        (await client.PostAsync(new { sk = "one", name = $"={text}", attributes = new { category = text, price = -5 } }, "?mode=sync")).Is(HttpStatusCode.Created);

        var file = await client.ExportAsync();
        var record = await new CsvRecords(new StringReader(file[(file.IndexOf('\n') + 1)..])).ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal($"'={text}", record!.Fields[2]);
        Assert.DoesNotContain(record.Fields[6].Take(1), first => "=+-@\t\r".Contains(first));
        Assert.NotEmpty(record.Fields[6]);
        Assert.Equal("-5", record.Fields[7]);

        (await client.ImportAsync(file)).Has(skipped: 1);
        var other = await stack.ClientAsync();
        (await other.ImportAsync(file)).Has(created: 1);
        Assert.Equal(text, (await other.AppliedAsync("one")).At("attributes", "category")!.GetValue<string>());
    }

    [Fact]
    public async Task It_holds_the_fields_in_their_order_and_is_offered_as_a_file()
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(
            new { sk = "one", code = "C-1", name = "One", seq = 3, attributes = new { price = 129.90m, specification = new { weight = "1 kg" } } }, "?mode=sync");
        var csv = await client.SendAsync(HttpMethod.Get, "/api/product/export?format=csv");
        Assert.Equal(
            "sk,code,name,seq,ttl,isDeleted,category,price,description,specification.weight,specification.dimensions\r\none,C-1,One,3,,false,,129.90,,1 kg,\r\n",
            csv.Text);
        Assert.Equal("text/csv", csv.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", csv.Response.Content.Headers.ContentDisposition!.DispositionType);
        Assert.EndsWith(".csv", csv.Response.Content.Headers.ContentDisposition.FileName!.Trim('"'));

        var json = await client.SendAsync(HttpMethod.Get, "/api/product/export?format=jsonl");
        Assert.Equal("application/x-ndjson", json.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(
            """{"sk":"one","code":"C-1","name":"One","seq":3,"ttl":null,"isDeleted":false,"attributes":"""
            + """{"price":129.90,"specification":{"weight":"1 kg","dimensions":null},"category":null,"description":null}}""" + "\n",
            json.Text);
    }

    [Fact]
    public async Task It_holds_what_a_search_with_the_same_filters_finds_and_nothing_of_other_tenants()
    {
        var client = await stack.ClientAsync();
        var rows = Enumerable.Range(0, 1500).Select(i => $"row-{i:d4},Row {i},{(i % 3 == 0 ? "Wood" : "Steel")},{i},{(i == 0 ? "true" : "")}");
        (await client.ImportAsync($"sk,name,category,price,isDeleted\n{string.Join('\n', rows)}\n")).Has(created: 1500);
        await (await stack.ClientAsync()).ImportAsync("sk,name,category\nforeign,Canary,Wood\n");
        await Eventually.GetAsync("all rows are in Postgres", () => stack.Postgres.CountAsync(client.Tenant), count => count == 1500);

        Assert.Equal(1499, CountOf(await client.ExportAsync()));
        Assert.Equal(1500, CountOf(await client.ExportAsync("?includeDeleted=true")));
        Assert.Equal(499, CountOf(await client.ExportAsync("?category=Wood")));
        Assert.Equal(100, CountOf(await client.ExportAsync("?minPrice=1400")));
        Assert.Equal(1, CountOf(await client.ExportAsync("?keyword=ROW%2042&maxPrice=42")));
        Assert.Equal(0, CountOf(await client.ExportAsync("?keyword=Canary")));
    }

    [Fact]
    public async Task It_has_the_callers_own_writes_that_are_not_in_Postgres_yet()
    {
        var client = await stack.ClientAsync();
        var bob = await stack.ClientAsync(client.Tenant, "bob");
        await client.PostAsync(new { sk = "old", name = "Old" }, "?mode=sync");
        await stack.Postgres.ExecuteAsync("UPDATE products SET version = 0, name = 'Stale' WHERE id = @id", ("id", client.IdOf("old")));
        await stack.Postgres.ExecuteAsync("DELETE FROM products WHERE id = @id", ("id", client.IdOf("new")));
        (await client.PatchAsync("old", new { name = "Newer" }, ("If-Match", "*"))).Is(HttpStatusCode.OK);
        Assert.Contains("Newer", await client.ExportAsync("?format=jsonl"));
        Assert.Single((await client.ExportAsync("?format=jsonl")).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await Eventually.GetAsync("others see it when Postgres has it", () => bob.ExportAsync(), text => text.Contains("Newer"));
    }

    [Theory]
    [InlineData("format=xml", "format")]
    [InlineData("page=2", "page")]
    [InlineData("minPrice=x", "minPrice")]
    public async Task What_it_cannot_do_it_refuses(string query, string field) =>
        (await (await stack.ClientAsync()).SendAsync(HttpMethod.Get, $"/api/product/export?{query}")).NamesField(field);

    [Fact]
    public async Task A_key_of_another_tenant_is_refused() =>
        (await (await stack.ClientAsync()).SendAsync(HttpMethod.Get, "/api/product/export?pk=PRODUCT%23another"))
            .IsProblem(HttpStatusCode.Forbidden, "tenant-mismatch");

    private static int CountOf(string csv) => csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length - 1;
}

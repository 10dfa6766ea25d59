using System.Net;
using System.Text;

namespace StackTests.Transfer;

/// <summary>Files become items: what is new is created, what differs is changed, what is the same is skipped.</summary>
public sealed class ImportTests(Stack stack)
{
    [Fact]
    public async Task The_rows_of_a_CSV_file_become_products_exactly_as_they_stand_there()
    {
        var client = await stack.ClientAsync();
        var answer = await client.ImportAsync(
            "\uFEFFsk,code,name,seq,unknown,category,price,description,specification.weight,specification.dimensions\r\n"
            + "chair,CH-1,\"Chair, \"\"oak\"\"\",7,ignored,Möbel 🪑,12345678901234567890.123,\"two\r\nlines\",\" 6 kg \",\r\n"
            + "\r\n"
            + "table,,Table,,,',-0.5,,,");
        answer.Has(created: 2);

        var chair = await client.AppliedAsync("chair");
        Assert.Equal("CH-1", chair.At("code")!.GetValue<string>());
        Assert.Equal("Chair, \"oak\"", chair.At("name")!.GetValue<string>());
        Assert.Equal(7, chair.At("seq")!.GetValue<int>());
        Assert.Equal("Möbel 🪑", chair.At("attributes", "category")!.GetValue<string>());
        Assert.Equal("12345678901234567890.123", chair.At("attributes", "price")!.ToJsonString());
        Assert.Equal("two\r\nlines", chair.At("attributes", "description")!.GetValue<string>());
        Assert.Equal(" 6 kg ", chair.At("attributes", "specification", "weight")!.GetValue<string>());
        Assert.Null(chair.At("attributes", "specification", "dimensions"));
        Assert.Equal("[product]:ImportEndpoint.Import", chair.At("source")!.GetValue<string>());

        var table = await client.AppliedAsync("table");
        Assert.Equal("table", table.At("code")!.GetValue<string>());
        Assert.Equal("", table.At("attributes", "category")!.GetValue<string>());
        Assert.Equal("-0.5", table.At("attributes", "price")!.ToJsonString());
        Assert.False(table.Json["attributes"]!.AsObject().ContainsKey("specification"));
    }

    [Theory]
    [InlineData(TransferClient.Csv, "sk,code,name,price\na,A-1,One,1.0\nb,B-1,Two,2\n01ARZ3NDEKTSV4RRFFQ69G5FAV,,Three,\n")]
    [InlineData(TransferClient.Csv, "code,name,ttl\nA-1,One,\nB-1,Two,100\n")]
    [InlineData(TransferClient.JsonLines, "{\"sk\":\"a\",\"name\":\"One\",\"attributes\":{\"specification\":{}}}\n\n{\"code\":\"B-1\",\"name\":\"Two\"}")]
    public async Task A_repeat_of_a_file_writes_nothing(string contentType, string file)
    {
        var client = await stack.ClientAsync();
        var first = await client.ImportAsync(file, contentType);
        var rows = first.Summary["rows"]!.GetValue<int>();
        first.Has(created: rows);

        (await client.ImportAsync(file, contentType)).Has(skipped: rows);
        await Eventually.GetAsync("the rows are in Postgres", () => stack.Postgres.CountAsync(client.Tenant), count => count == rows);
        (await client.ImportAsync(file, contentType)).Has(skipped: rows);
    }

    [Fact]
    public async Task A_changed_row_changes_what_it_names_an_empty_cell_removes_and_a_column_that_is_not_there_leaves()
    {
        var client = await stack.ClientAsync();
        await client.ImportAsync("sk,code,name,category,price,description\na,A-1,One,Wood,5,Long\nb,B-1,Two,Wood,5,Long\n");

        (await client.ImportAsync("sk,name,price\na,One,6\nb,Two,5\n")).Has(updated: 1, skipped: 1);
        var changed = await client.AppliedAsync("a", 2);
        Assert.Equal(2, changed.Version);
        Assert.Equal("A-1", changed.At("code")!.GetValue<string>());
        Assert.Equal("Wood", changed.At("attributes", "category")!.GetValue<string>());
        Assert.Equal("6", changed.At("attributes", "price")!.ToJsonString());

        (await client.ImportAsync("sk,code,category,price\na,,,6\n")).Has(updated: 1);
        var emptied = await client.AppliedAsync("a", 3);
        Assert.Null(emptied.At("attributes", "category"));
        Assert.Equal("A-1", emptied.At("code")!.GetValue<string>());
        Assert.Equal("Long", emptied.At("attributes", "description")!.GetValue<string>());
    }

    [Fact]
    public async Task A_JSON_line_is_merged_into_what_is_there_and_null_removes()
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(new { sk = "a", name = "One", seq = 1, attributes = new { category = "Wood", price = 5, specification = new { weight = "1 kg" } } });

        (await client.ImportAsync(
            """{"sk":"a","seq":null,"attributes":{"price":null,"specification":{"dimensions":"1 x 2"},"unknown":"never stored"},"version":99}""",
            TransferClient.JsonLines)).Has(updated: 1);
        var merged = await client.AppliedAsync("a", 2);
        Assert.Equal(
            """{"category":"Wood","specification":{"weight":"1 kg","dimensions":"1 x 2"}}""", merged.At("attributes")!.ToJsonString());
        Assert.Null(merged.At("seq"));
        Assert.Equal("One", merged.At("name")!.GetValue<string>());
    }

    [Fact]
    public async Task Without_sk_a_row_is_found_by_its_code_and_a_new_code_makes_one_item_however_often_it_stands_there()
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(new { sk = "chair", code = "CH-1", name = "Chair" });

        (await client.ImportAsync("code,name\nCH-1,Armchair\nNEW-1,First\nNEW-1,Second\n")).Has(created: 1, updated: 2);
        Assert.Equal("Armchair", (await client.AppliedAsync("chair", 2)).At("name")!.GetValue<string>());
        await Eventually.GetAsync("one item has the new code", async () => await client.SearchAsync("?code=NEW-1"), found => found.Total == 1);
        await Eventually.GetAsync(
            "it is as the last row says", async () => await client.SearchAsync("?code=NEW-1"), found => found.Items[0]!["name"]!.GetValue<string>() == "Second");
    }

    [Theory]
    [InlineData("a,X\nb,A\n")]
    [InlineData("b,A\na,X\n")]
    public async Task A_code_may_move_from_one_row_to_another_in_either_order(string rows)
    {
        var client = await stack.ClientAsync();
        await client.ImportAsync("sk,code,name\na,A,One\nb,B,Two\n");
        (await client.ImportAsync($"sk,code\n{rows}")).Has(updated: 2);
        Assert.Equal("A", (await client.AppliedAsync("b", 2)).At("code")!.GetValue<string>());
        Assert.Equal("X", (await client.AppliedAsync("a", 2)).At("code")!.GetValue<string>());
    }

    [Fact]
    public async Task An_item_that_has_expired_is_new_again_unless_the_file_expires_it_too()
    {
        var client = await stack.ClientAsync();
        (await client.ImportAsync("sk,name,ttl\nold,Old,1000\n")).Has(created: 1);
        (await client.ImportAsync("sk,name,ttl\nold,Old,1000\n")).Has(skipped: 1);
        (await client.GetAsync("old")).Is(HttpStatusCode.NotFound);
        (await client.ImportAsync("sk,name\nold,Old\n")).Has(updated: 1);
        Assert.Equal(2, (await client.AppliedAsync("old", 2)).Version);
    }

    [Fact]
    public async Task Deleted_is_a_column_like_the_others()
    {
        var client = await stack.ClientAsync();
        (await client.ImportAsync("sk,name,isDeleted\na,One,true\nb,Two,FALSE\nc,Three,\n")).Has(created: 3);
        Assert.True((await client.AppliedAsync("a")).At("isDeleted")!.GetValue<bool>());
        (await client.ImportAsync("sk,name,isDeleted\na,One,\n")).Has(updated: 1);
        Assert.False((await client.AppliedAsync("a", 2)).At("isDeleted")!.GetValue<bool>());
    }

    [Fact]
    public async Task Any_encoding_that_is_declared_is_read()
    {
        var client = await stack.ClientAsync();
        var windows = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;
        (await client.ImportAsync(windows.GetBytes("sk,name\na,Stühle für 5 €\n"), "text/csv; charset=windows-1252")).Has(created: 1);
        Assert.Equal("Stühle für 5 €", (await client.AppliedAsync("a")).At("name")!.GetValue<string>());

        byte[] utf16 = [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("sk,name\nb,椅子\n")];
        (await client.ImportAsync(utf16)).Has(created: 1);
        Assert.Equal("椅子", (await client.AppliedAsync("b")).At("name")!.GetValue<string>());
    }

    [Fact]
    public async Task Only_files_of_a_known_kind_are_taken_and_only_from_members_of_a_tenant()
    {
        var client = await stack.ClientAsync();
        (await client.SendImportAsync("sk\n"u8.ToArray(), "application/json")).IsProblem(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        (await client.SendImportAsync("sk\n"u8.ToArray(), "text/csv; charset=klingon")).IsProblem(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        (await stack.Client(client.Tenant, null).SendImportAsync("sk\n"u8.ToArray(), "text/csv")).IsProblem(HttpStatusCode.Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task A_second_module_imports_and_exports_by_its_own_columns()
    {
        await using var host = await Orders.OrdersHost.StartAsync(stack, TestContext.Current.CancellationToken);
        var tenant = Stack.NewTenant();
        var client = new ApiClient(
            host.Http, tenant, await host.Http.GetStringAsync($"/dev/token?user=anna&tenant={tenant}", TestContext.Current.CancellationToken));
        var file = new StringContent("sk,name,customer,quantity\none,First,C7,2\ntwo,Second,C7,0\n", Encoding.UTF8, "text/csv");
        var answer = ImportAnswer.Parse((await client.SendAsync(HttpMethod.Post, "/api/order/import", file)).Is(HttpStatusCode.OK).Text);
        answer.Has(created: 1, failed: 1);
        Assert.Equal("must be from 1 to 10000", answer.ErrorAt(3, "quantity", "0"));
        await Eventually.GetAsync(
            "the order can be exported",
            async () => (await client.SendAsync(HttpMethod.Get, "/api/order/export?customer=C7")).Is(HttpStatusCode.OK).Text,
            text => text.EndsWith("one,one,First,,,false,C7,2,\r\n", StringComparison.Ordinal));
    }
}

using System.Text;

namespace StackTests.Transfer;

/// <summary>What is wrong with a file is told by line, field and value; the good rows are imported all the same.</summary>
public sealed class BrokenFileTests(Stack stack)
{
    [Fact]
    public async Task Each_bad_row_is_told_of_and_the_good_ones_are_imported()
    {
        var client = await stack.ClientAsync();
        var answer = await client.ImportAsync(
            "sk,code,name,price,isDeleted,ttl\n"
            + "good-1,,One,1,,\n"
            + "a@b,,Two,1,,\n"
            + "bad-1,,,1,,\n"
            + "bad-2,,Four,1;5,,\n"
            + "bad-3,,Five,12345678901234567890123456789,,\n"
            + "bad-4,,Six,1,maybe,\n"
            + "bad-5,,Seven,1,,-5\n"
            + "too,few\n"
            + "too,many,fields,1,,,,\n"
            + ",,Nobody,1,,\n"
            + "good-2,,\"Two\nlines\",2,,\n"
            + "bad-6,,Bad\"quote,1,,\n"
            + "bad-7,,\"Quoted\"then not,1,,\n"
            + "good-3,,Three,3,,\n");
        answer.Has(created: 3, failed: 11);
        Assert.Equal("must not contain '@'", answer.ErrorAt(3, "sk", "a@b"));
        Assert.Equal("is required", answer.ErrorAt(4, "name"));
        Assert.StartsWith("must be a number", answer.ErrorAt(5, "price", "1;5"));
        Assert.StartsWith("must be a number", answer.ErrorAt(6, "price", "12345678901234567890123456789"));
        Assert.Equal("must be true or false", answer.ErrorAt(7, "isDeleted", "maybe"));
        Assert.Equal("must be a time in seconds since 1970, from 0 to 253402300799", answer.ErrorAt(8, "ttl", "-5"));
        Assert.Equal("the row has 2 fields, the header 6", answer.ErrorAt(9));
        Assert.Equal("the row has 8 fields, the header 6", answer.ErrorAt(10));
        Assert.Equal("or a code is required", answer.ErrorAt(11, "sk"));
        Assert.Contains("quote", answer.ErrorAt(14));
        Assert.Contains("quote", answer.ErrorAt(15));
        Assert.Equal("Two\nlines", (await client.AppliedAsync("good-2")).At("name")!.GetValue<string>());
    }

    [Fact]
    public async Task A_quote_that_is_never_closed_costs_its_own_row_only()
    {
        var client = await stack.ClientAsync();
        var rows = Enumerable.Range(0, 2000).Select(i => $"row-{i},Row {i}");
        var answer = await client.ImportAsync($"sk,name\nfirst,First\nopen,\"never closed\n{string.Join('\n', rows)}\n");
        answer.Has(created: 2001, failed: 1);
        Assert.Equal("a quote is opened and not closed", answer.ErrorAt(3));
    }

    [Fact]
    public async Task Bad_JSON_lines_are_told_of_by_their_number()
    {
        var client = await stack.ClientAsync();
        var answer = await client.ImportAsync(
            """
            {"sk":"good-1","name":"One"}
            {"sk":"bad-1","name":
            [1,2]
            {"sk":"bad-2","name":"Two","name":"Twice"}
            {"sk":"bad-3","name":"Three","attributes":{"price":"5"}}

            {"sk":"bad-4","name":"Four","tenantCode":"another"}
            {"sk":"bad-5","name":"Five\u0000"}
            {"sk":"bad-6","name":"Six\ud800"}
            {"sk":7,"name":"Seven"}
            {"sk":"bad-8","name":"Eight","\ud800":1}
            {"sk":"good-2","name":"Two"}
            {"sk":"bad-9","name":"Nine","unknown":[{"a":1,"a":1}]}
            {"sk":"bad-10","name":"Ten","ttl":1767225600000}
            """,
            "application/jsonl");
        answer.Has(created: 2, failed: 11);
        Assert.StartsWith("is not valid JSON", answer.ErrorAt(2, null, "{\"sk\":\"bad-1\",\"name\":"));
        Assert.Equal("must be a JSON object", answer.ErrorAt(3, null, "[1,2]"));
        Assert.NotEmpty(answer.ErrorAt(4));
        Assert.Equal("must be a number", answer.ErrorAt(5, "attributes.price", "5"));
        Assert.Equal("is a key of another tenant", answer.ErrorAt(7, "pk"));
        Assert.Equal("must not contain NUL", answer.ErrorAt(8, "name"));
        Assert.NotEmpty(answer.ErrorAt(9, "name"));
        Assert.Equal("has the wrong type or format", answer.ErrorAt(10, "sk", "7"));
        Assert.Contains("half a character", answer.ErrorAt(11));
        Assert.Contains("twice", answer.ErrorAt(13));
        Assert.StartsWith("must be a time in seconds", answer.ErrorAt(14, "ttl", "1767225600000"));
    }

    [Theory]
    [InlineData("", "the file is empty: a header row is required", null)]
    [InlineData("sk,name,SK\na,One,b\n", "stands twice in the header", "sk")]
    [InlineData("name;sk\nOne;a\n", "the header has neither sk nor code (columns are separated by commas)", null)]
    [InlineData("\"sk,name\na,One\n", "a quote is opened and not closed", null)]
    public async Task A_file_whose_header_cannot_be_read_is_refused_with_a_reason(string file, string reason, string? field)
    {
        var client = await stack.ClientAsync();
        var answer = await client.ImportAsync(file);
        Assert.Equal(reason, answer.ErrorAt(1, field));
        Assert.Equal(0, answer.Summary["rows"]!.GetValue<int>());
        Assert.False(answer.Summary["completed"]!.GetValue<bool>());
        Assert.Equal(reason, answer.Summary["error"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("sk,name", TransferClient.Csv)]
    [InlineData("sk,name\r\n\r\n  \r\n", TransferClient.Csv)]
    [InlineData("", TransferClient.JsonLines)]
    [InlineData("\n\n", TransferClient.JsonLines)]
    public async Task A_file_without_rows_imports_nothing(string file, string contentType) =>
        (await (await stack.ClientAsync()).ImportAsync(file, contentType)).Has();

    [Theory]
    [InlineData("sk,name\na,One\nb,", "\nc,Three\n", TransferClient.Csv)]
    [InlineData("sk,name\na,One\nb,\"", "\"\nc,Three\n", TransferClient.Csv)]
    [InlineData("\n{\"sk\":\"a\",\"name\":\"One\"}\n{\"sk\":\"b\",\"name\":\"", "\"}\n{\"sk\":\"c\",\"name\":\"Three\"}", TransferClient.JsonLines)]
    public async Task A_line_of_10_MB_is_told_of_and_passed_over(string before, string after, string contentType)
    {
        var client = await stack.ClientAsync();
        var answer = await client.ImportAsync(before + new string('x', 10 * 1024 * 1024) + after, contentType);
        answer.Has(created: 2, failed: 1);
        Assert.Equal("the line has more than 1572864 characters", answer.ErrorAt(3));
        await client.AppliedAsync("c");
    }

    [Fact]
    public async Task An_item_that_would_be_too_large_is_told_of()
    {
        var client = await stack.ClientAsync();
        var answer = await client.ImportAsync($"sk,name,description\na,One,{new string('x', 400 * 1024)}\nb,Two,small\n");
        answer.Has(created: 1, failed: 1);
        Assert.Contains("at most", answer.ErrorAt(2));
    }

    [Fact]
    public async Task A_line_whose_text_is_escaped_may_be_as_large_as_an_item()
    {
        var client = await stack.ClientAsync();
        var line = System.Text.Json.JsonSerializer.Serialize(new { sk = "a", name = "One", attributes = new { description = new string('é', 185_000) } });
        Assert.True(line.Length > 1024 * 1024);
        (await client.ImportAsync(line, TransferClient.JsonLines)).Has(created: 1);
    }

    [Fact]
    public async Task Bytes_that_are_not_of_the_declared_encoding_cost_their_own_row_only()
    {
        var client = await stack.ClientAsync();
        var latin = Encoding.Latin1.GetBytes("sk,name\na,Plain\nb,Stühle\nc,Three\n");
        var answer = await client.ImportAsync(latin);
        answer.Has(created: 2, failed: 1);
        Assert.Equal("the row has bytes that are not of the declared encoding", answer.ErrorAt(3));
    }

    [Fact]
    public async Task A_code_of_another_item_is_told_of()
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(new { sk = "a", code = "A-1", name = "One" });
        var answer = await client.ImportAsync("sk,code,name\nb,A-1,Two\nc,C-1,Three\n");
        answer.Has(created: 1, failed: 1);
        Assert.Equal("another item of the tenant has the code A-1", answer.ErrorAt(2, "code", "A-1"));
    }
}

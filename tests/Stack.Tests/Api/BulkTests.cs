using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cqrs.AspNetCore.Items;
using Microsoft.Extensions.Logging.Abstractions;

namespace StackTests.Api;

/// <summary>Many products in one request: each element has a fate of its own.</summary>
public sealed class BulkTests(Stack stack)
{
    // No request can bring it about.
    [Fact]
    public async Task An_element_that_fails_by_a_defect_does_not_hide_the_fate_of_the_others()
    {
        var elements = JsonDocument.Parse("[0,1,2,3]").RootElement.EnumerateArray().ToList();

        var answer = await Bulk.RunAsync(
            elements,
            element => element.GetInt32() < 2 ? "same" : null,
            (element, _) => element.GetInt32() switch
            {
                0 => throw new InvalidOperationException("a defect"),
                2 => throw new TimeoutException("a store that is down"),
                _ => Task.FromResult(new BulkElement(201)),
            },
            NullLogger.Instance,
            TestContext.Current.CancellationToken);

        Assert.Equal([500, 201, 503, 201], answer.Value!.Select(element => element.Status));
        Assert.Equal(207, answer.StatusCode);
        Assert.Equal(("error", "unavailable"), (answer.Value![0].Error!.Extensions["code"], answer.Value[2].Error!.Extensions["code"]));
        Assert.DoesNotContain("defect", answer.Value[0].Error!.Detail);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("\"x\"")]
    public async Task A_bulk_request_is_an_array_with_something_in_it(string body)
    {
        var client = await stack.ClientAsync();

        (await client.BulkAsync(body)).NamesField("$");
    }

    [Fact]
    public async Task A_bulk_request_has_at_most_a_thousand_elements()
    {
        var client = await stack.ClientAsync();

        (await client.BulkAsync($"[{string.Join(",", Enumerable.Repeat("""{"name":"x"}""", 1001))}]")).NamesField("$");
    }

    [Fact]
    public async Task A_bad_element_of_a_bulk_request_does_not_hide_the_fate_of_the_others()
    {
        var client = await stack.ClientAsync();
        await client.PostAsync(new { name = "There", sk = "there" });

        var answer = await client.BulkAsync("""
            [{"name":"New","sk":"new"},{"name":""},7,{"name":"Again","sk":"there"},{"name":"Other","pk":"PRODUCT#other"},{"name":"x","ttl":"y"},
            {"name":"There","sk":"there","version":1},{"name":"Changed","sk":"there","version":1},{"name":"Last"}]
            """);

        answer.Is(HttpStatusCode.MultiStatus);
        var results = answer.Json.AsArray();
        Assert.Equal([201, 400, 400, 409, 403, 400, 204, 200, 201], results.Select(result => result!["status"]!.GetValue<int>()));
        Assert.Equal("New", results[0]!["data"]!["name"]!.GetValue<string>());
        Assert.Equal("name", results[1]!["error"]!["errors"]!.AsObject().Single().Key);
        Assert.Equal(1, results[3]!["error"]!["currentVersion"]!.GetValue<long>());
        Assert.Equal("tenant-mismatch", results[4]!["error"]!["code"]!.GetValue<string>());
        Assert.Equal("ttl", results[5]!["error"]!["errors"]!.AsObject().Single().Key);
        Assert.Equal(2, results[7]!["data"]!["version"]!.GetValue<long>());
        Assert.All(results, result => Assert.NotEqual(result!["data"] is null, result["error"] is null));
    }

    [Fact]
    public async Task Bulk_elements_of_one_product_are_published_in_their_order()
    {
        var client = await stack.ClientAsync();
        var elements = Enumerable.Range(0, 20).Select(i => new { sk = "one", name = $"Name {i}", version = i });

        var answer = (await client.BulkAsync(elements)).Is(HttpStatusCode.OK);

        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), answer.Json.AsArray().Select(r => r!["data"]!["version"]!.GetValue<long>()));
    }

    [Fact]
    public async Task A_bulk_request_that_is_repeated_with_its_idempotency_key_makes_nothing_twice()
    {
        var client = await stack.ClientAsync();
        var body = new object[] { new { name = "1" }, new { name = "" }, new { name = "2", code = "C-2" } };

        var first = (await client.BulkAsync(body, ("Idempotency-Key", "bulk-1"))).Is(HttpStatusCode.MultiStatus);
        var again = (await client.BulkAsync(body, ("Idempotency-Key", "bulk-1"))).Is(HttpStatusCode.MultiStatus);

        Assert.Equal([201, 400, 201], first.Json.AsArray().Select(element => element!["status"]!.GetValue<int>()));
        Assert.True(JsonNode.DeepEquals(first.Json[0], again.Json[0]) && JsonNode.DeepEquals(first.Json[2], again.Json[2]), $"{first}\n{again}");
        Assert.Equal(2, (await client.ListAsync()).Items.Count);
    }

    [Fact]
    public async Task A_thousand_elements_are_published_in_one_request_and_answered_in_their_order()
    {
        var client = await stack.ClientAsync();

        var answer = (await client.BulkAsync(Enumerable.Range(0, 1000).Select(i => new { sk = $"s{i:000}", name = $"Name {i}" }))).Is(HttpStatusCode.OK);

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"s{i:000}"), answer.Json.AsArray().Select(e => e!["data"]!["sk"]!.GetValue<string>()));
        await Eventually.GetAsync("all rows are in Postgres", () => stack.Postgres.CountAsync(client.Tenant), count => count == 1000);
    }
}

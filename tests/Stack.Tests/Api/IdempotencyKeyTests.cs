using System.Net;
using System.Text.Json.Nodes;
using Cqrs.AspNetCore.Http;

namespace StackTests.Api;

/// <summary>A request that is repeated with its idempotency key is done once.</summary>
public sealed class IdempotencyKeyTests(Stack stack)
{
    [Fact]
    public async Task The_same_idempotency_key_gets_the_first_answer()
    {
        var client = await stack.ClientAsync();
        var body = new { name = "Chair", code = "C-1", attributes = new { price = 1 } };

        var first = (await client.PostAsync(body, "", ("Idempotency-Key", "key-1"))).Is(HttpStatusCode.Created);
        (await client.PostAsync(new { first.Sk, name = "Changed since", version = 1 })).Is(HttpStatusCode.OK);
        var again = (await client.PostAsync(body, "", ("Idempotency-Key", "key-1"))).Is(HttpStatusCode.Created);

        Assert.True(JsonNode.DeepEquals(first.Json, again.Json), $"{first}\n{again}");
        Assert.Equal(first.Response.Headers.Location, again.Response.Headers.Location);
        Assert.Single((await client.ListAsync()).Items);
        (await client.PostAsync(new { name = "Another" }, "", ("Idempotency-Key", "key-1"))).IsProblem(HttpStatusCode.UnprocessableEntity, "idempotency-mismatch");
        Assert.Single((await client.ListAsync()).Items);
    }

    [Fact]
    public async Task An_idempotency_key_is_the_users_own()
    {
        var anna = await stack.ClientAsync();
        var ben = await stack.ClientAsync(anna.Tenant, "ben");

        var first = (await anna.PostAsync(new { name = "Chair" }, "", ("Idempotency-Key", "key-1"))).Is(HttpStatusCode.Created);
        var second = (await ben.PostAsync(new { name = "Chair" }, "", ("Idempotency-Key", "key-1"))).Is(HttpStatusCode.Created);

        Assert.NotEqual(first.Sk, second.Sk);
    }

    [Fact]
    public async Task Requests_with_one_idempotency_key_at_once_make_one_product()
    {
        var client = await stack.ClientAsync();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => client.PostAsync(new { name = "Chair" }, "", ("Idempotency-Key", "key-1"))));

        Assert.Single(answers.Select(answer => answer.Is(HttpStatusCode.Created).Sk).Distinct());
        Assert.Single((await client.ListAsync()).Items);
    }

    [Fact]
    public async Task A_users_name_and_a_key_are_told_apart_whatever_stands_in_them()
    {
        var tenant = Stack.NewTenant();
        var ann = await stack.ClientAsync(tenant, "ann");
        var annB = await stack.ClientAsync(tenant, "ann%23b");

        var first = (await ann.PostAsync(new { name = "Chair" }, "", ("Idempotency-Key", "b#c"))).Is(HttpStatusCode.Created);
        var second = (await annB.PostAsync(new { name = "Chair" }, "", ("Idempotency-Key", "c"))).Is(HttpStatusCode.Created);
        (await annB.PostAsync(new { name = "Table" }, "", ("Idempotency-Key", "c"))).IsProblem(HttpStatusCode.UnprocessableEntity, "idempotency-mismatch");

        Assert.NotEqual(first.Sk, second.Sk);
        Assert.Equal("ann#b", second.Json["createdBy"]!.GetValue<string>());
        Assert.Equal(first.Sk, (await ann.PostAsync(new { name = "Chair" }, "", ("Idempotency-Key", "b#c"))).Is(HttpStatusCode.Created).Sk);
        Assert.Equal(second.Sk, (await annB.PostAsync(new { name = "Chair" }, "", ("Idempotency-Key", "c"))).Is(HttpStatusCode.Created).Sk);
    }

    [Fact]
    public async Task A_key_with_a_number_is_not_that_of_an_element_of_a_bulk_request()
    {
        var client = await stack.ClientAsync();

        var posted = (await client.PostAsync(new { name = "Chair" }, "", ("Idempotency-Key", "order/0"))).Is(HttpStatusCode.Created);
        var bulk = (await client.BulkAsync(new[] { new { name = "Chair" } }, ("Idempotency-Key", "order"))).Is(HttpStatusCode.OK);
        var element = bulk.Json[0]!["data"]!["sk"]!.GetValue<string>();

        Assert.NotEqual(posted.Sk, element);
        Assert.Equal(element, (await client.BulkAsync(new[] { new { name = "Chair" } }, ("Idempotency-Key", "order"))).Json[0]!["data"]!["sk"]!.GetValue<string>());
        Assert.Equal(2, (await client.ListAsync()).Items.Count);
    }

    [Fact]
    public void A_key_is_one_requests_or_one_elements_whatever_stands_in_it()
    {
        string[] keys = ["order", "order/0", "order/0/1", "order~10", "order~1", "order~0", "order~", "/", "/0", "~", "~1", "~10", "~01", "0", "order/0/"];
        int?[] elements = [null, 0, 1, 10];

        var joined = keys.SelectMany(key => elements.Select(element => IdempotencyHeader.KeyOf(key, element))).ToList();

        Assert.Equal(joined.Count, joined.Distinct().Count());
        Assert.Equal("order", IdempotencyHeader.KeyOf("order", null));
        Assert.Equal("order/7", IdempotencyHeader.KeyOf("order", 7));
    }
}

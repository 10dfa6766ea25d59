using System.Net;
using System.Text.Json.Nodes;

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
}

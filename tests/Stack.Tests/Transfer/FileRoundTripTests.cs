using System.Net;
using System.Text.Json.Nodes;

namespace StackTests.Transfer;

/// <summary>Export and import lose nothing, whatever the products are.</summary>
public sealed class FileRoundTripTests(Stack stack)
{
    private const int Products = 400;

    private static readonly string[] Pieces =
    [
        "a", "Z", "0", " ", ",", "\"", "\"\"", "\r\n", "\n", "\r", "\t", "'", "=", "+", "-", "@", "é", "椅", "🪑", "\u202Eعربي", "\uFEFF", "\uFFFD", "\u0001",
        "\\", "\\u0041", "{", "null", "true", ";",
    ];

    [Theory]
    [InlineData("csv", TransferClient.Csv, 1)]
    [InlineData("jsonl", TransferClient.JsonLines, 2)]
    public async Task What_is_exported_from_one_tenant_and_imported_into_another_is_the_same(string format, string contentType, int seed)
    {
        var random = new Random(seed);
        var source = await stack.ClientAsync();
        var products = Enumerable.Range(0, Products).Select(i => Random(random, i).ToJsonString());
        (await source.ImportAsync(string.Join('\n', products), TransferClient.JsonLines)).Has(created: Products);
        await Eventually.GetAsync("all products are in Postgres", () => stack.Postgres.CountAsync(source.Tenant), count => count == Products);

        var query = $"?format={format}&includeDeleted=true";
        var exported = await source.ExportAsync(query);
        (await source.ImportAsync(exported, contentType)).Has(skipped: Products);

        var copy = await stack.ClientAsync();
        (await copy.ImportAsync(exported, contentType)).Has(created: Products);
        await Eventually.GetAsync("the copy is in Postgres", () => stack.Postgres.CountAsync(copy.Tenant), count => count == Products);
        Assert.Equal(exported, await copy.ExportAsync(query));
        // Both formats say the same of the copy, so neither has lost what the other cannot see.
        Assert.Equal(await source.ExportAsync("?format=jsonl&includeDeleted=true"), await copy.ExportAsync("?format=jsonl&includeDeleted=true"));
    }

    [Fact]
    public async Task What_was_exported_as_JSON_Lines_is_restored_exactly_whatever_the_products_have_become()
    {
        var client = await stack.ClientAsync();
        string[] attributes =
        [
            "{}", """{"price":1.5,"specification":{}}""", """{"specification":{"weight":"1 kg"}}""", """{"category":"","description":"x","specification":{"dimensions":""}}""",
        ];
        for (var i = 0; i < attributes.Length; i++)
        {
            (await client.PostAsync($$"""{"sk":"p{{i}}","name":"Name {{i}}","attributes":{{attributes[i]}}}""", "?mode=sync")).Is(HttpStatusCode.Created);
        }

        var before = await ContentsAsync();
        var exported = await client.ExportAsync("?format=jsonl");
        for (var i = 0; i < attributes.Length; i++)
        {
            const string All = """{"category":"c","price":9,"description":"d","specification":{"weight":"w","dimensions":"d"}}""";
            (await client.PostAsync(
                $$"""{"sk":"p{{i}}","name":"Changed","code":"C-{{i}}","version":1,"seq":7,"ttl":4000000000,"isDeleted":true,"attributes":{{All}}}""")).Is(HttpStatusCode.OK);
        }

        (await client.ImportAsync(exported, TransferClient.JsonLines)).Has(updated: attributes.Length);

        for (var i = 0; i < attributes.Length; i++)
        {
            await client.AppliedAsync($"p{i}", 3);
        }

        Assert.Equal(before, await ContentsAsync());
        Assert.Equal(exported, await client.ExportAsync("?format=jsonl"));
        var copy = await stack.ClientAsync();
        (await copy.ImportAsync(exported, TransferClient.JsonLines)).Has(created: attributes.Length);
        await Eventually.GetAsync("the copy is in Postgres", () => stack.Postgres.CountAsync(copy.Tenant), count => count == attributes.Length);
        Assert.Equal(exported, await copy.ExportAsync("?format=jsonl"));

        async Task<string> ContentsAsync() => string.Join('\n', (await client.ListAsync("?includeDeleted=true")).Items.Select(item =>
            $"{item!["sk"]} {item["code"]} {item["name"]} {item["seq"]} {item["ttl"]} {item["isDeleted"]} {item["attributes"]!.ToJsonString()}"));
    }

    private static JsonObject Random(Random random, int i)
    {
        var product = new JsonObject { ["sk"] = $"p{i:d4}{Keyed(random)}", ["name"] = $"{Text(random)}n{Text(random)}" };
        Maybe(product, "code", () => $"{Text(random)}-{i}");
        Maybe(product, "seq", () => random.NextInt64(long.MinValue, long.MaxValue));
        Maybe(product, "ttl", () => random.NextInt64(4_000_000_000, 200_000_000_000));
        Maybe(product, "isDeleted", () => random.Next(2) == 0);
        var attributes = new JsonObject();
        Maybe(attributes, "category", () => Text(random));
        Maybe(attributes, "price", () => new decimal(random.Next(), random.Next(), random.Next(1 << 25), random.Next(2) == 0, (byte)random.Next(28)));
        Maybe(attributes, "description", () => Text(random) + Text(random));
        if (random.Next(3) > 0)
        {
            var specification = new JsonObject { ["weight"] = Text(random) };
            Maybe(specification, "dimensions", () => Text(random));
            attributes["specification"] = specification;
        }

        product["attributes"] = attributes;
        return product;

        void Maybe(JsonObject target, string name, Func<JsonNode> value)
        {
            if (random.Next(3) > 0)
            {
                target[name] = value();
            }
        }
    }

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    // A sort key has neither control characters nor an at sign.
    private static string Keyed(Random random) => string.Concat(Text(random).Where(c => !char.IsControl(c) && c != '@'));
}

using System.Net;
using StackTests.Security;

namespace StackTests.Kernel;

/// <summary>A search finds the same of the caller's own writes before and after they are projected, whatever script they are in.</summary>
public sealed class SearchBeforeProjectionTests(Stack stack)
{
    // What is written, and what is looked for: pairs that one rule of folding holds for the same and another does not.
    private static readonly (string Text, string Keyword)[] Pairs =
    [
        ("İstanbul", "istanbul"), ("istanbul", "İSTANBUL"), ("ISPARTA", "ısparta"), ("ısparta", "ISPARTA"), ("Iğdır", "iğdir"),
        ("ΟΔΟΣ", "οδος"), ("οδος", "ΟΔΟΣ"), ("οδοσ", "οδος"), ("ὈΔΥΣΣΕΎΣ", "ὀδυσσεύς"), ("ᾼ", "ᾳ"), ("ϐ", "β"), ("ϑ", "θ"), ("ϕ", "φ"),
        ("\u212Bngstr\u00F6m", "\u00E5ngstr\u00F6m"), ("\u00C5ngstr\u00F6m", "\u212Bngstr\u00F6m"), ("A\u030Angstr\u00F6m", "\u00E5ngstr\u00F6m"),
        ("\u212Aelvin", "kelvin"), ("kelvin", "\u212Aelvin"), ("\u2126", "\u03C9"), ("GROẞ", "groß"), ("groß", "GROẞ"), ("GROSS", "groß"),
        ("\u00B5m", "\u03BCm"), ("\u03BCm", "\u00B5m"), ("\u039Cm", "\u00B5m"), ("ſchrank", "Schrank"), ("Ǆ", "ǆ"), ("ǅ", "ǆ"), ("Ԑ", "ԑ"),
        ("Ꭰ", "ꭰ"), ("𐐀", "𐐨"), ("Ж", "ж"), ("\u00E9", "E\u0301"), ("\u00C9", "\u00E9"), ("\uFB01n", "FIN"), ("\u0149", "\u02BCn"),
    ];

    [Fact]
    public async Task A_keyword_finds_the_same_whatever_its_case_and_script()
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        await using var api = new ApiInProcess(stack, "Development", dynamoDb: null, ("Tables:Prefix", KernelHost.TablePrefix));
        var client = api.Client(kernel.Tenant, await stack.TokenAsync($"user=anna&tenant={kernel.Tenant}"));
        var sks = Enumerable.Range(0, Pairs.Length).Select(i => $"item-{i}").ToList();
        foreach (var (sk, (text, _)) in sks.Zip(Pairs))
        {
            (await client.PostAsync(new { sk, name = text })).Is(HttpStatusCode.Created);
        }

        var before = await FindAsync(client);
        foreach (var sk in sks)
        {
            await kernel.ProjectAsync(await kernel.LogAsync(sk));
        }

        var after = await FindAsync(client);

        foreach (var (keyword, found) in before)
        {
            Assert.True(found == after[keyword], $"{keyword} finds {found} before the projection, {after[keyword]} after it");
        }

        Assert.Contains("item-0", after["istanbul"]);
    }

    [Theory]
    [InlineData("?category=Wood")]
    [InlineData("?category=wood")]
    [InlineData("?code=C-1")]
    [InlineData("?code=c-1")]
    [InlineData("?minPrice=12.5&maxPrice=12.5")]
    [InlineData("?minPrice=0")]
    [InlineData("?keyword=%25")]
    [InlineData("?keyword=_")]
    [InlineData("?keyword=%5C")]
    [InlineData("?keyword=100%25")]
    public async Task A_filter_finds_the_same(string query)
    {
        await using var kernel = await KernelHost.StartProductsAsync(stack);
        await using var api = new ApiInProcess(stack, "Development", dynamoDb: null, ("Tables:Prefix", KernelHost.TablePrefix));
        var client = api.Client(kernel.Tenant, await stack.TokenAsync($"user=anna&tenant={kernel.Tenant}"));
        string[] sks = ["one", "two", "three", "four"];
        await client.PostAsync(new { sk = sks[0], code = "C-1", name = "One", attributes = new { category = "Wood", price = 12.50m } });
        await client.PostAsync(new { sk = sks[1], code = "c-1", name = "100%", attributes = new { category = "wood", price = 0 } });
        await client.PostAsync(new { sk = sks[2], name = @"a_b\c" });
        await client.PostAsync(new { sk = sks[3], name = "Gone", isDeleted = true, attributes = new { category = "Wood", price = 12.5m } });

        var before = await FindAsync(client, query);
        foreach (var sk in sks)
        {
            await kernel.ProjectAsync(await kernel.LogAsync(sk));
        }

        Assert.Equal(before, await FindAsync(client, query));
    }

    private static async Task<Dictionary<string, string>> FindAsync(ApiClient client)
    {
        var found = new Dictionary<string, string>();
        foreach (var keyword in Pairs.Select(pair => pair.Keyword).Distinct())
        {
            found[keyword] = await FindAsync(client, $"?pageSize=100&keyword={Uri.EscapeDataString(keyword)}");
        }

        return found;
    }

    private static async Task<string> FindAsync(ApiClient client, string query) => string.Join(
        ' ', (await client.SearchAsync(query)).Is(HttpStatusCode.OK).Items.Select(item => item!["sk"]!.GetValue<string>()).Order(StringComparer.Ordinal));
}

namespace StackTests.Transfer;

/// <summary>Codes that move from item to item within one file.</summary>
public sealed class CodeMoveTests(Stack stack)
{
    private const int Count = 200;

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(false, 7)]
    public async Task ChainOfCodes_GoesThroughInOneImport(bool isReversed, int? seed)
    {
        var client = await stack.ClientAsync();
        (await client.ImportAsync(File(Enumerable.Range(0, Count), 0))).Has(created: Count);
        var order = Enumerable.Range(0, Count).ToArray();
        if (isReversed)
        {
            Array.Reverse(order);
        }

        if (seed is { } given)
        {
            new Random(given).Shuffle(order);
        }

        (await client.ImportAsync(File(order, 1))).Has(updated: Count);

        Assert.Equal("P-001", (await client.AppliedAsync("item-0", 2)).At("code")!.GetValue<string>());
        Assert.Equal("P-200", (await client.AppliedAsync("item-199", 2)).At("code")!.GetValue<string>());
    }

    [Fact]
    public async Task RowsOfAnItemWhoseCodeIsContested_KeepTheirOrder()
    {
        var client = await stack.ClientAsync();
        (await client.ImportAsync("sk,code,name\na,A,Old\nb,B,B\n")).Has(created: 2);

        (await client.ImportAsync("sk,code,name\na,B,First\na,B,Second\nb,C,B\n")).Has(updated: 3);

        Assert.Equal("Second", (await client.AppliedAsync("a", 3)).At("name")!.GetValue<string>());
    }

    [Fact]
    public async Task ItemsThatExchangeCodes_AreRefusedByTheirLines()
    {
        var client = await stack.ClientAsync();
        (await client.ImportAsync("sk,code,name\na,A,A\nb,B,B\nc,C,C\nd,D,D\n")).Has(created: 4);

        var answer = await client.ImportAsync("sk,code,name\na,B,A\nb,C,B\nc,A,C\nd,A,D\n");

        answer.Has(failed: 4);
        foreach (var line in new[] { 2, 3, 4 })
        {
            Assert.StartsWith("the items of the lines 2, 3, 4 exchange their codes", answer.ErrorAt(line, "code"), StringComparison.Ordinal);
        }

        Assert.Equal("another item of the tenant has the code A", answer.ErrorAt(5, "code", "A"));
    }

    [Fact]
    public async Task FinishedImport_IsShownByListAndSearchOrSaysHowManyRowsAreNot()
    {
        var client = await stack.ClientAsync();
        var reader = await stack.ClientAsync(client.Tenant, "bert");
        const int Rows = 3000;

        var answer = await client.ImportAsync("sk,name\n" + string.Concat(Enumerable.Range(0, Rows).Select(i => $"row-{i},Row {i}\n")), wait: 30);

        answer.Has(created: Rows);
        Assert.Equal(0, answer.Summary["syncing"]!.GetValue<int>());
        Assert.Equal(Rows, (await reader.SearchAsync("?pageSize=1")).Is(System.Net.HttpStatusCode.OK).Total);
    }

    private static string File(IEnumerable<int> items, int shift) =>
        "sk,code,name\n" + string.Concat(items.Select(i => $"item-{i},P-{i + shift:000},Item {i}\n"));
}

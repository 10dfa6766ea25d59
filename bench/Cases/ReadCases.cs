using Amazon.DynamoDBv2.Model;
using Cqrs;
using Cqrs.Items;
using Microsoft.Extensions.DependencyInjection;
using Modules.Products;

namespace Bench.Cases;

/// <summary>
/// Reads of a user, which show the user's own writes, against the raw reads that they need: of the data table, and of the session table for what
/// the user has written. And without own writes, against the read of the data table alone.
/// </summary>
internal static class ReadCases
{
    private const string Tenant = "reads";
    private const int Items = 2000;
    private const int PageSize = 50;

    private static readonly UserContext User = new("reader", Tenant);

    public static async Task GetAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        await using var fixture = await ItemsInData.CreateAsync(stack, Tenant, Items, cancellationToken);
        var repository = fixture.Kernel.Services.GetRequiredKeyedService<Repository>(ProductModule.Name);
        var count = isQuick ? 1000 : 10_000;
        var sessions = fixture.Kernel.Services.GetRequiredService<TableNames>().Session;
        var data = fixture.Kernel.Services.GetRequiredKeyedService<DataService>(ProductModule.Name);
        await Load.RunAsync(isQuick ? 2000 : 6000, 16, i => RawAsync(i));
        await Load.RunAsync(2000, 16, i => RawPairAsync(i));
        await Load.RunAsync(2000, 16, i => repository.GetAsync(fixture.Key(i), User, cancellationToken));
        foreach (var conc in new[] { 1, 16, 64 })
        {
            var rounds = await Rounds.RunAsync(
                isQuick,
                () => Load.RunAsync(count, conc, RawPairAsync),
                () => Load.RunAsync(count, conc, async i => Found(await repository.GetAsync(fixture.Key(i), User, cancellationToken) is not null)));
            Report.Print("get", conc, rounds.Own, "reads/s", rounds.Raw, rounds.LatenciesMs);
            rounds = await Rounds.RunAsync(
                isQuick,
                () => Load.RunAsync(count, conc, RawAsync),
                () => Load.RunAsync(count, conc, async i => Found(await data.GetAsync(fixture.Key(i), cancellationToken) is not null)));
            Report.Print("get without own writes", conc, rounds.Own, "reads/s", rounds.Raw, rounds.LatenciesMs);
        }

        async Task RawAsync(int i) => Found((await stack.DynamoDb.GetItemAsync(
            new GetItemRequest { TableName = fixture.Data, Key = ItemFormat.ToKey(fixture.Key(i).Pk, fixture.Key(i).Sk) }, cancellationToken)).IsItemSet);

        async Task RawPairAsync(int i)
        {
            var request = new BatchGetItemRequest
            {
                RequestItems = new()
                {
                    [fixture.Data] = new() { Keys = [ItemFormat.ToKey(fixture.Key(i).Pk, fixture.Key(i).Sk)], ConsistentRead = true },
                    [sessions] = new() { Keys = [ItemFormat.ToKey($"reader#{Tenant}", $"product#{fixture.Key(i).Id}")], ConsistentRead = true },
                },
            };
            Found((await stack.DynamoDb.BatchGetItemAsync(request, cancellationToken)).Responses[fixture.Data].Count == 1);
        }
    }

    public static async Task ListAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        await using var fixture = await ItemsInData.CreateAsync(stack, Tenant, Items, cancellationToken);
        var repository = fixture.Kernel.Services.GetRequiredKeyedService<Repository>(ProductModule.Name);
        var sessions = fixture.Kernel.Services.GetRequiredService<TableNames>().Session;
        var count = isQuick ? 300 : 1500;
        await Load.RunAsync(1000, 16, i => RawAsync(i));
        await Load.RunAsync(300, 16, i => OwnAsync(i));
        foreach (var conc in new[] { 1, 16 })
        {
            var rounds = await Rounds.RunAsync(
                isQuick, () => Load.RunAsync(count, conc, i => RawAsync(i)), () => Load.RunAsync(count, conc, i => OwnAsync(i)));
            Report.Print("list", conc, rounds.Own, $"pages of {PageSize}/s", rounds.Raw, rounds.LatenciesMs);
        }

        async Task OwnAsync(int i) => Found((await repository.ListAsync(
            fixture.Key(i).Pk, new ListPage(PageSize, fixture.Key(i % (Items / 2)).Sk), User, cancellationToken)).Items.Count == PageSize);

        async Task RawAsync(int i)
        {
            var entries = stack.DynamoDb.QueryAsync(
                new QueryRequest
                {
                    TableName = sessions,
                    KeyConditionExpression = "pk = :pk AND begins_with(sk, :prefix)",
                    ExpressionAttributeValues = new() { [":pk"] = new($"reader#{Tenant}"), [":prefix"] = new($"product#{fixture.Key(i).Pk}#") },
                    ConsistentRead = true,
                },
                cancellationToken);
            var page = await stack.DynamoDb.QueryAsync(
                new QueryRequest
                {
                    TableName = fixture.Data,
                    KeyConditionExpression = "pk = :pk",
                    ExpressionAttributeValues = new() { [":pk"] = new(fixture.Key(i).Pk) },
                    ExclusiveStartKey = ItemFormat.ToKey(fixture.Key(i).Pk, fixture.Key(i % (Items / 2)).Sk),
                    Limit = PageSize,
                    ConsistentRead = true,
                },
                cancellationToken);
            Found(page.Items.Count == PageSize && (await entries).Items.Count == 0);
        }
    }

    private static void Found(bool isThere)
    {
        if (!isThere)
        {
            throw new InvalidOperationException("What was written is not read.");
        }
    }
}

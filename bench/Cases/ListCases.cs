using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Reading;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;
using Products;

namespace Bench.Cases;

/// <summary>
/// Pages of a list for a user, against the query of the data table, and against that beside the query for what the user has written. For users who have
/// written some of the items lately, too: all of it applied, or none.
/// </summary>
internal static class ListCases
{
    private const string Tenant = "list";
    private const int Items = 2000;
    private const int PageSize = 50;
    private const int WrittenEvery = 25;

    private static readonly UserContext User = new("reader", Tenant);
    private static readonly UserContext Writer = new("writer", Tenant);
    private static readonly UserContext Waiting = new("waiting", Tenant);

    public static async Task RunAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        await using var fixture = await ItemsInData.CreateAsync(stack, Tenant, Items, cancellationToken);
        await fixture.WriteAsUserAsync(stack, Writer, WrittenEvery, version: 1, cancellationToken);
        await fixture.WriteAsUserAsync(stack, Waiting, WrittenEvery, version: 2, cancellationToken);
        var repository = fixture.Kernel.Services.GetRequiredKeyedService<Repository>(ProductModule.Name);
        var sessions = fixture.Kernel.Services.GetRequiredService<TableNames>().Session;
        foreach (var conc in new[] { 0, 1, 16 })
        {
            var isWarmUp = conc == 0;
            var count = isQuick ? 60 : 500;
            Func<Task<Measured>>[] operations = new Func<int, Task>[] { i => OwnAsync(i, User), RawAsync, RawPairAsync, i => OwnAsync(i, Writer), i => OwnAsync(i, Waiting) }
                .Select(read => (Func<Task<Measured>>)(() => Load.RunAsync(count, isWarmUp ? 16 : conc, read)))
                .ToArray();
            var rounds = await Rounds.RunAsync(isQuick || isWarmUp, operations);
            if (isWarmUp)
            {
                continue;
            }

            var (own, raw, pair, written, pending) = (rounds[0], rounds[1], rounds[2], rounds[3], rounds[4]);
            var unit = $"pages of {PageSize}/s";
            Report.Print(
                "list",
                conc,
                new Figure(own.PerSecond, unit, raw.PerSecond, own.LatenciesMs),
                new Figure(own.PerSecond, unit, pair.PerSecond, What: "against the two queries that it needs"),
                new Figure(written.PerSecond, unit, raw.PerSecond, written.LatenciesMs, $"{Items / WrittenEvery} own writes, all applied"),
                new Figure(pending.PerSecond, unit, raw.PerSecond, pending.LatenciesMs, $"{Items / WrittenEvery} own writes, all pending"));
        }

        ItemKey Start(int i) => fixture.Key(i % (Items / 2));

        async Task OwnAsync(int i, UserContext reader) => Found((await repository.ListAsync(
            fixture.Key(i).Pk, new ListPage(PageSize, Start(i).Sk), reader, cancellationToken)).Items.Count == PageSize);

        async Task RawAsync(int i)
        {
            var page = await stack.DynamoDb.QueryAsync(
                new QueryRequest
                {
                    TableName = fixture.Data,
                    KeyConditionExpression = "pk = :pk",
                    ExpressionAttributeValues = new() { [":pk"] = new(Start(i).Pk) },
                    ExclusiveStartKey = ItemFormat.ToKey(Start(i).Pk, Start(i).Sk),
                    Limit = PageSize,
                    ConsistentRead = true,
                },
                cancellationToken);
            Found(page.Items.Count == PageSize);
        }

        async Task RawPairAsync(int i)
        {
            var entries = stack.DynamoDb.QueryAsync(
                new QueryRequest
                {
                    TableName = sessions,
                    KeyConditionExpression = "pk = :pk AND begins_with(sk, :prefix)",
                    ExpressionAttributeValues = new() { [":pk"] = new($"{User.UserId}#{User.TenantCode}"), [":prefix"] = new($"product#{Start(i).Pk}#") },
                    ConsistentRead = true,
                },
                cancellationToken);
            await RawAsync(i);
            Found((await entries).Items.Count == 0);
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

using Amazon.DynamoDBv2.Model;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Reading;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;
using Products;

namespace Bench.Cases;

/// <summary>
/// Reads of an item by a user, which show the user's own writes, against the raw reads that they need: of the data table, and of the session table for
/// what the user has written. With a pending write, and without regard to own writes, too; and against the read of the data table alone.
/// </summary>
internal static class GetCases
{
    private const string Tenant = "get";
    private const int Items = 2000;

    private static readonly UserContext User = new("reader", Tenant);
    private static readonly UserContext Waiting = new("waiting", Tenant);

    public static async Task RunAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        await using var fixture = await ItemsInData.CreateAsync(stack, Tenant, Items, cancellationToken);
        await fixture.WriteAsUserAsync(stack, Waiting, every: 1, version: 2, cancellationToken);
        var services = fixture.Kernel.Services;
        var repository = services.GetRequiredKeyedService<Repository>(ProductModule.Name);
        var data = services.GetRequiredKeyedService<DataService>(ProductModule.Name);
        var tables = services.GetRequiredService<TableNames>();
        foreach (var conc in new[] { 0, 1, 16, 64 })
        {
            // First all of them, not to be counted: DynamoDB Local and this process compile.
            var isWarmUp = conc == 0;
            var count = isQuick ? 300 : 4000;
            Func<Task<Measured>>[] operations = new[] { GetAsync, RawPairAsync, DataAsync, RawAsync, GetPendingAsync, RawPendingAsync }
                .Select(read => (Func<Task<Measured>>)(() => Load.RunAsync(count, isWarmUp ? 16 : conc, read)))
                .ToArray();
            var rounds = await Rounds.RunAsync(isQuick || isWarmUp, operations);
            if (isWarmUp)
            {
                continue;
            }

            var (own, pair, stored, raw, pending, pendingRaw) = (rounds[0], rounds[1], rounds[2], rounds[3], rounds[4], rounds[5]);
            const string Unit = "reads/s";
            Report.Print(
                "get",
                conc,
                new Figure(own.PerSecond, Unit, pair.PerSecond, own.LatenciesMs),
                new Figure(own.PerSecond, Unit, raw.PerSecond, What: "against a GetItem"),
                new Figure(stored.PerSecond, Unit, raw.PerSecond, stored.LatenciesMs, "without own writes (DataService), against a GetItem"),
                new Figure(pending.PerSecond, Unit, pendingRaw.PerSecond, pending.LatenciesMs, "a pending own write, against the two reads it needs"),
                new Figure(pending.PerSecond, Unit, raw.PerSecond, What: "a pending own write, against a GetItem"));
        }

        async Task GetAsync(int i) => Found(await repository.GetAsync(fixture.Key(i), User, cancellationToken) is { Version: 1 });

        async Task GetPendingAsync(int i) => Found(await repository.GetAsync(fixture.Key(i), Waiting, cancellationToken) is { Version: 2 });

        async Task DataAsync(int i) => Found(await data.GetAsync(fixture.Key(i), cancellationToken) is not null);

        async Task RawAsync(int i) => Found((await stack.DynamoDb.GetItemAsync(
            new GetItemRequest { TableName = fixture.Data, Key = ItemFormat.ToKey(fixture.Key(i).Pk, fixture.Key(i).Sk) }, cancellationToken)).IsItemSet);

        Task RawPairAsync(int i) => PairAsync(i, User);

        async Task RawPendingAsync(int i)
        {
            await PairAsync(i, Waiting);
            var key = ItemFormat.ToKey(fixture.Key(i).Pk, Keys.AddSortKeyVersion(fixture.Key(i).Sk, 2));
            var command = new GetItemRequest { TableName = tables.Command(ProductModule.Kernel), Key = key, ConsistentRead = true };
            Found((await stack.DynamoDb.GetItemAsync(command, cancellationToken)).IsItemSet);
        }

        async Task PairAsync(int i, UserContext user)
        {
            var request = new BatchGetItemRequest
            {
                RequestItems = new()
                {
                    [fixture.Data] = new() { Keys = [ItemFormat.ToKey(fixture.Key(i).Pk, fixture.Key(i).Sk)], ConsistentRead = true },
                    [tables.Session] = new()
                    {
                        Keys = [ItemFormat.ToKey($"{user.UserId}#{Tenant}", $"product#{fixture.Key(i).Id}")],
                        ConsistentRead = true,
                    },
                },
            };
            Found((await stack.DynamoDb.BatchGetItemAsync(request, cancellationToken)).Responses[fixture.Data].Count == 1);
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

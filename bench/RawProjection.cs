using System.Diagnostics;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Postgres.Rows;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Products;

namespace Bench;

/// <summary>The cost of commands, in microseconds for each. The puts and the rows are written beside each other.</summary>
internal sealed record ProjectionCost(double All, double Puts, double Rows);

/// <summary>
/// The least that commands need: a guarded put into data for each, for an update its old state in a batch of puts into history, and its row in a
/// multi-row upsert that writes no events, beside the puts of the next. The requests are made before the clock runs.
/// </summary>
internal static class RawProjection
{
    private const int PutsAtOnce = 16;
    private const int InUpsert = 250;
    private const int InBatch = 25;
    // So many requests are made and held at a time.
    private const int InPart = 10_000;

    public static async Task<ProjectionCost> RunAsync(
        BenchStack stack, string name, int count, bool isUpdate, CancellationToken cancellationToken)
    {
        await using var kernel = await stack.StartKernelAsync($"{name}-", withWorkers: false, cancellationToken);
        var sks = Enumerable.Range(0, count).Select(_ => Keys.GenerateSk()).Order(StringComparer.Ordinal).ToList();
        if (isUpdate)
        {
            // An update finds its item and its row there.
            await ItemsInData.WriteAsync(stack, kernel, name, sks, withCommands: false, cancellationToken);
        }

        var (all, puts, rows) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        foreach (var part in sks.Chunk(InPart))
        {
            var commands = part.Select((sk, i) => Sample.Command(name, sk, isUpdate ? 2 : 1, i));
            var batches = commands.Chunk(InUpsert).Select(batch => new Batch(stack, kernel.Services, batch, isUpdate, cancellationToken)).ToList();
            var writes = batches.SelectMany(batch => batch.Puts.Select(put => (Batch: batch, Put: put))).ToArray();
            var started = Stopwatch.GetTimestamp();
            var upserting = UpsertAsync(batches);
            await Load.RunAsync(writes.Length, PutsAtOnce, async i =>
            {
                await writes[i].Put();
                writes[i].Batch.IsPut();
            });
            puts += Stopwatch.GetElapsedTime(started);
            rows += await upserting;
            all += Stopwatch.GetElapsedTime(started);
        }

        return new(all.TotalMicroseconds / count, puts.TotalMicroseconds / count, rows.TotalMicroseconds / count);

        async Task<TimeSpan> UpsertAsync(List<Batch> batches)
        {
            var spent = TimeSpan.Zero;
            foreach (var batch in batches)
            {
                await using var upsert = batch.Upsert;
                await batch.AllPut;
                var started = Stopwatch.GetTimestamp();
                await upsert.ExecuteNonQueryAsync(cancellationToken);
                spent += Stopwatch.GetElapsedTime(started);
            }

            return spent;
        }
    }

    private sealed class Batch
    {
        private readonly TaskCompletionSource _allPut = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left;

        public Batch(BenchStack stack, IServiceProvider services, CommandModel[] commands, bool isUpdate, CancellationToken cancellationToken)
        {
            var tables = services.GetRequiredService<TableNames>();
            var (data, history) = (tables.Data(ProductModule.Kernel), tables.History(ProductModule.Kernel));
            var puts = commands.Select(command => new PutItemRequest
            {
                TableName = data,
                Item = ItemFormat.ToItem(command.ToData()),
                ConditionExpression = "attribute_not_exists(pk) OR version < :version",
                ExpressionAttributeValues = new() { [":version"] = AttributeMap.Number(command.Version) },
            });
            var batches = (isUpdate ? commands : []).Chunk(InBatch).Select(chunk => new BatchWriteItemRequest
            {
                RequestItems = new()
                {
                    [history] = [.. chunk.Select(command => new WriteRequest(new PutRequest(ItemFormat.ToItem(command.ToData().ToHistory()))))],
                },
            });
            Puts =
            [
                .. batches.ToArray().Select(batch => (Func<Task>)(() => stack.DynamoDb.BatchWriteItemAsync(batch, cancellationToken))),
                .. puts.ToArray().Select(put => (Func<Task>)(() => stack.DynamoDb.PutItemAsync(put, cancellationToken))),
            ];
            _left = Puts.Count;
            Upsert = services.GetRequiredService<RowStatements<ProductRow>>()
                .Overwrite(stack.Postgres, [.. commands.Select(RowStatements<ProductRow>.ToRow)]);
        }

        public IReadOnlyList<Func<Task>> Puts { get; }

        public NpgsqlCommand Upsert { get; }

        public Task AllPut => _allPut.Task;

        public void IsPut()
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _allPut.SetResult();
            }
        }
    }
}

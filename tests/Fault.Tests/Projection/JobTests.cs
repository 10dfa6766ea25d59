using System.Collections.Concurrent;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Postgres;
using Cqrs.Postgres.Jobs;
using Cqrs.Tables;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FaultTests.Projection;

/// <summary>A resync is done by one worker, and to its end, whatever becomes of the one that began it.</summary>
[Collection(KernelCollection.Name)]
public sealed class JobTests(Kernel kernel) : IAsyncLifetime
{
    private const int Items = 600;

    private static readonly CqrsModule Module = new("task", "TASK");

    private readonly string _tenant = FaultStack.NewTenant();
    private readonly string _job = Keys.GenerateSk();
    private readonly List<Parts> _workers = [];

    private Place? _place;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _place = await Place.NewAsync(kernel.Stack);

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }
    }

    [Fact]
    public async Task One_that_hung_in_a_page_changes_nothing_of_a_job_that_another_has_done()
    {
        var goOn = new TaskCompletionSource();
        var hangs = new Worker { Before = (_, _) => goOn.Task };
        var first = await StartAsync(hangs);
        await QueueAsync(first);
        await Eventually.GetAsync("the first has begun", () => Task.FromResult(hangs.Handed.Count), handed => handed > 0);

        var second = await StartAsync(new Worker());
        await LeftBehindUntilClaimedAsync(second, 2);
        await CompletedAsync(second);
        goOn.SetResult();

        await Eventually.GetAsync(
            "the first has stopped", () => Task.FromResult(first.Log.Lines), lines => lines.Any(line => line.Contains($"{_job} on", StringComparison.Ordinal)));
        var job = await JobAsync(second);
        Assert.Equal((JobStatus.Completed, Items, 2), (job.Status, job.Done, job.Claim));
    }

    [Fact]
    public async Task Of_two_one_goes_on_where_one_that_died_has_been()
    {
        // It dies in the second page.
        var dies = new Worker { Before = (items, token) => items[^1].Sk == Sk(Items - 1) ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask };
        var first = await StartAsync(dies);
        await QueueAsync(first);
        await Eventually.GetAsync("the first is in the second page", () => Task.FromResult(dies.Handed.Count), handed => handed == Items);
        await first.StopAsync();

        Worker[] others = [new(), new()];
        var workers = await Task.WhenAll(others.Select(StartAsync));
        await LeftBehindUntilClaimedAsync(workers[0], 2);
        await CompletedAsync(workers[0]);

        var job = await JobAsync(workers[0]);
        Assert.Equal((Items, 2), (job.Done, job.Claim));
        Assert.Equal([0, Items - 500], others.Select(worker => worker.Handed.Count).Order());
        Assert.Equal(Enumerable.Range(500, Items - 500).Select(Sk), others.SelectMany(worker => worker.Handed).Order());
    }

    private static string Sk(int i) => $"item-{i:000}";

    private async Task<Parts> StartAsync(Worker worker)
    {
        var parts = await Parts.CreateAsync(_place!, null, MemoryHandler.Module(Module.Name, worker.Handler));
        _workers.Add(parts);
        await parts.StartAsync();
        return parts;
    }

    private async Task QueueAsync(Parts parts)
    {
        var now = DateTimeOffset.UtcNow;
        var command = await new ProductWriter(parts, _tenant, Module.Name).PublishAsync(Sk(0), "Name");
        var states = Enumerable.Range(0, Items).Select(i => (command with
        {
            Sk = $"{Sk(i)}@1", Id = new ItemKey(command.Pk, Sk(i)).Id, Code = Sk(i),
        }).ToData());
        foreach (var chunk in states.Select(state => new WriteRequest(new PutRequest(ItemFormat.ToItem(state)))).Chunk(25))
        {
            await BatchWriter.WriteAsync(parts.Dynamo, _place!.Tables.Data(Module), chunk, Cancellation);
        }

        await using var scope = parts.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<ReadModelContext>();
        context.Add(new Job
        {
            Id = _job, TenantCode = _tenant, Module = Module.Name, Kind = "resync", Pk = command.Pk, CreatedBy = "test", CreatedAt = now, UpdatedAt = now,
        });
        await context.SaveChangesAsync(Cancellation);
    }

    // As if time had passed. A worker that hangs in a handler still says now and then that it goes on; one that is frozen does not.
    private Task LeftBehindUntilClaimedAsync(Parts parts, long claim) => Eventually.GetAsync(
        "it is claimed again",
        async () =>
        {
            await parts.Postgres.ExecuteAsync(
                "UPDATE jobs SET updated_at = now() - interval '1 minute' WHERE id = @id AND claim < @claim", ("id", _job), ("claim", claim));
            return await JobAsync(parts);
        },
        job => job.Claim == claim);

    private Task CompletedAsync(Parts parts) =>
        Eventually.GetAsync("the job is complete", () => JobAsync(parts), job => job.Status == JobStatus.Completed);

    private async Task<Job> JobAsync(Parts parts)
    {
        await using var scope = parts.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ReadModelContext>().Set<Job>().AsNoTracking().AcrossTenants()
            .SingleAsync(job => job.Id == _job, Cancellation);
    }

    private sealed class Worker
    {
        private readonly ConcurrentQueue<string> _handed = new();

        public Worker() => Handler = new MemoryHandler("rows")
        {
            BeforeResync = (items, token) =>
            {
                foreach (var item in items)
                {
                    _handed.Enqueue(item.Sk);
                }

                return Before?.Invoke(items, token) ?? Task.CompletedTask;
            },
        };

        public MemoryHandler Handler { get; }

        public Func<IReadOnlyList<DataModel>, CancellationToken, Task>? Before { get; init; }

        /// <summary>The sort keys it was handed in resyncs.</summary>
        public IReadOnlyCollection<string> Handed => _handed;
    }
}

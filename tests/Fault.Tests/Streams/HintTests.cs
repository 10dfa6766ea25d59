using System.Diagnostics;
using System.Net;
using Cqrs.CommandLog;
using Cqrs.Streams;
using Microsoft.Extensions.DependencyInjection;

namespace FaultTests.Streams;

/// <summary>The API tells the worker of new commands by Postgres; the worker is in this process, and polls seldom.</summary>
[Collection(KernelCollection.Name)]
public sealed class HintTests(FaultStack stack)
{
    [Fact]
    public async Task A_reader_that_waits_for_its_next_poll_is_woken_when_a_command_is_stored()
    {
        var client = await stack.ClientAsync();
        await stack.StopAsync(FaultStack.Worker);
        try
        {
            WatchedStreams? streams = null;
            await using var parts = await Parts.CreateAsync(
                new Place(stack, "", stack.ConnectionString),
                builder =>
                {
                    builder.Configuration["Stream:MinPoll"] = "00:00:01";
                    builder.Configuration["Stream:IdlePoll"] = "00:00:30";
                    var real = builder.Services.Last(service => service.ServiceType == typeof(IDynamoDbStreams)).ImplementationInstance;
                    builder.Services.AddSingleton<IDynamoDbStreams>(streams = new WatchedStreams((IDynamoDbStreams)real!));
                },
                setUp: false);
            await parts.StartAsync();
            await ProjectedAsync("before", TimeSpan.FromSeconds(30));

            // The wait doubles each time: it has just begun one of more than eight seconds.
            await Eventually.GetAsync(
                "it has nothing to read", () => Task.FromResult(streams!.LastWait), wait => wait > TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(30));
            await ProjectedAsync("after", TimeSpan.FromSeconds(3));
        }
        finally
        {
            await stack.StartAsync(FaultStack.Worker);
        }

        async Task ProjectedAsync(string sk, TimeSpan within)
        {
            (await client.PostAsync(new { sk, name = sk })).Is(HttpStatusCode.Created);
            await Eventually.IsTrueAsync($"'{sk}' is projected", async () => await stack.Postgres.RowAsync(client.IdOf(sk)) is not null, within);
        }
    }

    /// <summary>Sees how long a reader waits between two pages.</summary>
    private sealed class WatchedStreams(IDynamoDbStreams real) : IDynamoDbStreams
    {
        private long _readAt = Stopwatch.GetTimestamp();

        public TimeSpan LastWait { get; private set; }

        public Task<GetRecordsResponse> GetRecordsAsync(GetRecordsRequest request, CancellationToken cancellationToken)
        {
            LastWait = Stopwatch.GetElapsedTime(_readAt);
            _readAt = Stopwatch.GetTimestamp();
            return real.GetRecordsAsync(request, cancellationToken);
        }

        public Task<DescribeStreamResponse> DescribeStreamAsync(DescribeStreamRequest request, CancellationToken cancellationToken) =>
            real.DescribeStreamAsync(request, cancellationToken);

        public Task<string> GetShardIteratorAsync(GetShardIteratorRequest request, CancellationToken cancellationToken) =>
            real.GetShardIteratorAsync(request, cancellationToken);

        public Task<ListStreamsResponse> ListStreamsAsync(ListStreamsRequest request, CancellationToken cancellationToken) =>
            real.ListStreamsAsync(request, cancellationToken);
    }
}

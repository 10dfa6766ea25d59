using System.Collections.Concurrent;
using System.Globalization;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Streams;

namespace FaultTests.Support;

/// <summary>A stream that does what a real one does only now and then, when the test says so.</summary>
internal sealed class ScriptedStreams : IDynamoDbStreams
{
    private readonly Lock _lock = new();
    private readonly List<ScriptedShard> _shards = [];
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _faults = new();
    private readonly ConcurrentQueue<string> _calls = new();
    private int _sequence;

    /// <summary>How many shards a page has.</summary>
    public int PageSize { get; set; } = 100;

    /// <summary>How many records a page has at most.</summary>
    public int RecordsInPage { get; set; } = 1000;

    /// <summary>The calls in order: operation, shard, and what was answered.</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    public ScriptedShard AddShard(string id, string? parent = null, bool isVisible = true)
    {
        var shard = new ScriptedShard(id, parent) { IsVisible = isVisible };
        lock (_lock)
        {
            _shards.Add(shard);
        }

        return shard;
    }

    /// <summary>The shard is no longer there at all: it was closed, and all its records are older than a day.</summary>
    public void Remove(ScriptedShard shard)
    {
        lock (_lock)
        {
            _shards.Remove(shard);
        }
    }

    public void Put(ScriptedShard shard, params IReadOnlyList<CommandModel> commands)
    {
        lock (_lock)
        {
            shard.Records.AddRange(commands.Select(command =>
            {
                var record = Records.Insert(command);
                return record with { Dynamodb = record.Dynamodb with { SequenceNumber = Sequence(++_sequence) } };
            }));
        }
    }

    /// <summary>The next calls of an operation fail.</summary>
    public void Fail(string operation, string error, int times = 1)
    {
        var faults = _faults.GetOrAdd(operation, _ => new());
        for (var i = 0; i < times; i++)
        {
            faults.Enqueue(error);
        }
    }

    /// <summary>Whether all failures have been had.</summary>
    public bool AllFailed => _faults.Values.All(faults => faults.IsEmpty);

    public Task<DescribeStreamResponse> DescribeStreamAsync(DescribeStreamRequest request, CancellationToken cancellationToken)
    {
        MayFail("DescribeStream", "");
        lock (_lock)
        {
            var visible = _shards.Where(shard => shard.IsVisible).ToList();
            var from = request.ExclusiveStartShardId is { } last ? visible.FindIndex(shard => shard.Id == last) + 1 : 0;
            var page = visible.Skip(from).Take(PageSize).ToList();
            return Task.FromResult(new DescribeStreamResponse(new StreamDescription(
                request.StreamArn,
                "ENABLED",
                [.. page.Select(shard => new Shard(shard.Id, shard.Parent, new(Sequence(0), shard.IsClosed ? Sequence(999) : null)))],
                from + page.Count < visible.Count ? page[^1].Id : null)));
        }
    }

    public Task<string> GetShardIteratorAsync(GetShardIteratorRequest request, CancellationToken cancellationToken)
    {
        MayFail("GetShardIterator", request.ShardId);
        lock (_lock)
        {
            var shard = Find(request.ShardId);
            var at = request.ShardIteratorType switch
            {
                ShardIteratorType.TRIM_HORIZON => shard.Trimmed,
                ShardIteratorType.AFTER_SEQUENCE_NUMBER => shard.Records.FindIndex(r => r.Dynamodb.SequenceNumber == request.SequenceNumber) + 1,
                var other => throw new NotSupportedException(other.ToString()),
            };
            return at < shard.Trimmed
                ? throw new DynamoDbStreamsException("TrimmedDataAccessException", request.SequenceNumber ?? "")
                : Task.FromResult($"{shard.Id}|{at.ToString(CultureInfo.InvariantCulture)}");
        }
    }

    public Task<GetRecordsResponse> GetRecordsAsync(GetRecordsRequest request, CancellationToken cancellationToken)
    {
        var (id, from) = request.ShardIterator.Split('|') is [var shardId, var index]
            ? (shardId, int.Parse(index, CultureInfo.InvariantCulture))
            : throw new DynamoDbStreamsException("ValidationException", request.ShardIterator);
        MayFail("GetRecords", id);
        lock (_lock)
        {
            var shard = Find(id);
            if (from < shard.Trimmed)
            {
                throw new DynamoDbStreamsException("TrimmedDataAccessException", request.ShardIterator);
            }

            // A real stream now and then answers with an empty page although there is more.
            var isEmpty = shard.EmptyPages > 0 && shard.EmptyPages-- > 0;
            var records = isEmpty ? [] : shard.Records.Skip(from).Take(Math.Min(RecordsInPage, request.Limit ?? 1000)).ToList();
            var isEnd = shard.IsClosed && from + records.Count == shard.Records.Count;
            if (records.Count > 0 || isEnd)
            {
                _calls.Enqueue($"{id}: {records.Count}{(isEnd ? " end" : "")}");
            }

            return Task.FromResult(new GetRecordsResponse(
                records, isEnd ? null : $"{id}|{(from + records.Count).ToString(CultureInfo.InvariantCulture)}"));
        }
    }

    public Task<ListStreamsResponse> ListStreamsAsync(ListStreamsRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private ScriptedShard Find(string id) =>
        _shards.SingleOrDefault(shard => shard.Id == id) ?? throw new DynamoDbStreamsException("ResourceNotFoundException", id);

    private static string Sequence(int number) => (100_000_000_000_000_000_000m + number).ToString(CultureInfo.InvariantCulture);

    private void MayFail(string operation, string shard)
    {
        if (_faults.TryGetValue(operation, out var faults) && faults.TryDequeue(out var error))
        {
            _calls.Enqueue($"{shard}: {operation} {error}");
            throw new DynamoDbStreamsException(error, "As the test says.");
        }
    }
}

/// <summary>A shard of such a stream.</summary>
internal sealed class ScriptedShard(string id, string? parent)
{
    public string Id => id;

    public string? Parent => parent;

    public List<Record> Records { get; } = [];

    public bool IsVisible { get; set; }

    public bool IsClosed { get; set; }

    /// <summary>How many records at the beginning are gone.</summary>
    public int Trimmed { get; set; }

    public int EmptyPages { get; set; }
}

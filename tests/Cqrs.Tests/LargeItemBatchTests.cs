using System.Reflection;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;

namespace Cqrs.Tests;

/// <summary>Of many items as many are read at a time as may be held, however large they are.</summary>
public sealed class LargeItemBatchTests
{
    private const string Table = "t";
    private const int MostBytesOfAnItem = 380 * 1024;

    private readonly IAmazonDynamoDB _client = DispatchProxy.Create<IAmazonDynamoDB, Store>();

    private Store Items => (Store)(object)_client;

    [Theory]
    [InlineData(100)]
    [InlineData(2_000)]
    [InlineData(50_000)]
    [InlineData(370_000)]
    public async Task A_read_ends_when_it_has_enough_and_the_next_one_goes_on_where_it_ended(int bytes)
    {
        Items.SizeOf = _ => bytes;
        var keys = Enumerable.Range(0, 1000).Select(i => ItemFormat.ToKey("PRODUCT#acme", $"{i}")).ToList();
        var found = new List<string>();

        while (found.Count < keys.Count)
        {
            var (items, read) = await BatchReader.ReadSomeAsync(_client, Table, keys[found.Count..], TestContext.Current.CancellationToken);
            Assert.Equal(read, items.Count);
            Assert.InRange(items.Sum(ItemSize.Of), 1, ItemSize.MaxBytesAtOnce + (BatchReader.FirstKeys * MostBytesOfAnItem));
            found.AddRange(items.Select(item => item["sk"].S).OrderBy(int.Parse));
        }

        Assert.Equal(keys.Select(key => key["sk"].S), found);
    }

    [Fact]
    public async Task Ordinary_items_are_read_in_a_few_requests()
    {
        Items.SizeOf = _ => 1_000;
        var keys = Enumerable.Range(0, 100).Select(i => ItemFormat.ToKey("PRODUCT#acme", $"{i}")).ToList();

        var (items, read) = await BatchReader.ReadSomeAsync(_client, Table, keys, TestContext.Current.CancellationToken);

        Assert.Equal((100, 100), (items.Count, read));
        Assert.Equal(2, Items.Requests);
    }

    [Fact]
    public async Task Keys_of_which_there_is_nothing_are_read_too()
    {
        Items.SizeOf = i => i % 2 == 0 ? 370_000 : null;
        var keys = Enumerable.Range(0, 100).Select(i => ItemFormat.ToKey("PRODUCT#acme", $"{i}")).ToList();

        var (items, read) = await BatchReader.ReadSomeAsync(_client, Table, keys, TestContext.Current.CancellationToken);

        Assert.Equal(keys.Take(read).Select(key => key["sk"].S).Where(sk => int.Parse(sk) % 2 == 0), items.Select(item => item["sk"].S).OrderBy(int.Parse));
        Assert.InRange(read, 1, keys.Count - 1);
    }

    [Fact]
    public void A_state_is_about_as_large_as_its_item()
    {
        var command = Samples.Command() with { Attributes = Samples.Json($$"""{"a":"{{new string('é', 50_000)}}","b":[1,{"c":"{{new string('x', 1000)}}"}]}""") };

        Assert.InRange(ItemSize.About(command), ItemSize.Of(ItemFormat.ToItem(command)) * 0.9, ItemSize.Of(ItemFormat.ToItem(command)) * 1.1);
    }

    private class Store : DispatchProxy
    {
        public Func<int, int?> SizeOf { get; set; } = _ => null;

        public int Requests { get; private set; }

        protected override object? Invoke(MethodInfo? method, object?[]? args)
        {
            Requests++;
            var keys = ((BatchGetItemRequest)args![0]!).RequestItems[Table].Keys;
            return Task.FromResult(new BatchGetItemResponse
            {
                Responses = new()
                {
                    [Table] = [.. keys.Select(key => (Key: key, Size: SizeOf(int.Parse(key["sk"].S)))).Where(one => one.Size is not null)
                        .Select(one => new Dictionary<string, AttributeValue>(one.Key) { ["text"] = new() { S = new string('x', one.Size!.Value) } })],
                },
            });
        }
    }
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Cqrs.Items;
using Cqrs.Postgres.Rows;
using Cqrs.Projection;
using Cqrs.Reading;

namespace StackTests.Orders;

/// <summary>A second read model of orders, in memory: the handler that fills it, and the search that reads it.</summary>
internal sealed class OrderIndex : IDataSyncHandler, IItemSearch
{
    private readonly ConcurrentDictionary<ItemKey, DataModel> _orders = new();

    public IReadOnlyList<SearchFilter> Filters { get; } = [new("customer", "Begins with this", SearchValueKind.Text)];

    public IReadOnlyList<string> OrderFields { get; } = ["name"];

    public Task UpAsync(IReadOnlyList<CommandModel> commands, CancellationToken cancellationToken)
    {
        foreach (var command in commands)
        {
            _orders.AddOrUpdate(command.Key, command.ToData(), (_, known) => known.Version >= command.Version ? known : command.ToData());
        }

        return Task.CompletedTask;
    }

    public Task ResyncAsync(IReadOnlyList<DataModel> items, CancellationToken cancellationToken) =>
        UpAsync([.. items.Select(item => item.ToCommand())], cancellationToken);

    public Task DownAsync(IReadOnlyList<KeyVersion> items, CancellationToken cancellationToken)
    {
        foreach (var (key, version) in items)
        {
            if (_orders.TryGetValue(key, out var order) && order.Version == version)
            {
                _orders.TryRemove(KeyValuePair.Create(key, order));
            }
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyDictionary<ItemKey, long>> GetAppliedVersionsAsync(
        IReadOnlyCollection<ItemKey> keys, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<ItemKey, long>>(
            _orders.Values.Where(order => keys.Contains(order.Key)).ToDictionary(order => order.Key, order => order.Version));

    public IAsyncEnumerable<KeyVersion> ListAsync(string pk, CancellationToken cancellationToken) =>
        _orders.Values.Where(order => order.Pk == pk).OrderBy(order => order.Sk, StringComparer.Ordinal)
            .Select(order => new KeyVersion(order.Key, order.Version)).ToAsyncEnumerable();

    public Task<SearchResult> SearchAsync(SearchQuery query, SearchPage page, UserContext user, CancellationToken cancellationToken)
    {
        var found = Find(query, user);
        return Task.FromResult(new SearchResult(found.Count, found.Skip((page.Number - 1) * page.Size).Take(page.Size).ToAsyncEnumerable()));
    }

    public async IAsyncEnumerable<ItemModel> ReadAllAsync(
        SearchQuery query, UserContext user, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var order in Find(query, user))
        {
            yield return order;
        }
    }

    private List<ItemModel> Find(SearchQuery query, UserContext user) =>
    [
        .. _orders.Values
            .Where(order => order.TenantCode == user.TenantCode
                && (query.Text("customer") is not { } start || order.Attributes.Text("customer")?.StartsWith(start, StringComparison.Ordinal) == true))
            .OrderBy(order => order.Name, StringComparer.Ordinal),
    ];
}

using Product.Web.Api;

namespace Product.Web.Products;

/// <summary>
/// Products this visitor created that search does not show yet: the list shows them at once, marked, instead of leaving the visitor to
/// wonder where they are. Lives as long as the visitor's circuit.
/// </summary>
public sealed class SyncingProducts
{
    private readonly List<ProductEntity> items = [];

    public bool IsEmpty => items.Count == 0;

    public void Add(ProductEntity created) => items.Insert(0, created);

    /// <summary>Forgets those that a result of a search already shows.</summary>
    public void RemoveShownIn(ProductPage page) => items.RemoveAll(item => page.Items.Any(shown => IsSameOrNewer(shown, item)));

    /// <summary>Those that belong on a page of the list that search does not know them on.</summary>
    public IReadOnlyList<ProductEntity> For(ListState state) => state.Page == 1 ? [.. items.Where(item => Matches(item, state.Keyword))] : [];

    /// <summary>Asks search about each; whether any has arrived.</summary>
    public async Task<bool> CheckAsync(ProductApiClient api, CancellationToken cancellationToken)
    {
        var before = items.Count;
        foreach (var item in items.ToArray())
        {
            RemoveShownIn(await api.SearchAsync(new ProductSearch(Id: item.Id, PageSize: 1), cancellationToken));
        }

        return items.Count < before;
    }

    private static bool IsSameOrNewer(ProductEntity shown, ProductEntity item) => shown.Id == item.Id && shown.Version >= item.Version;

    private static bool Matches(ProductEntity item, string keyword) =>
        new[] { item.Code, item.Name, item.Attributes.Description, item.Attributes.Category }
            .Any(text => text?.Contains(keyword, StringComparison.OrdinalIgnoreCase) == true);
}

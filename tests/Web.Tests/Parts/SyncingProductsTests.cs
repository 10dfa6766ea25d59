using Product.Web.Api;
using Product.Web.Products;

namespace WebTests.Parts;

public sealed class SyncingProductsTests
{
    private static readonly ListState FirstPage = ListState.Parse(null, null, null);

    [Fact]
    public void What_search_does_not_show_yet_leads_the_first_page_newest_first()
    {
        var syncing = new SyncingProducts();
        syncing.Add(Chair("1"));
        syncing.Add(Chair("2"));
        Assert.Equal(["2", "1"], syncing.For(FirstPage).Select(item => item.Id));
        Assert.Empty(syncing.For(FirstPage.WithPage(2)));
    }

    [Fact]
    public void A_search_leads_with_it_only_if_it_matches()
    {
        var syncing = new SyncingProducts();
        syncing.Add(Chair("1"));
        Assert.Single(syncing.For(FirstPage.WithKeyword("SEAT")));
        Assert.Empty(syncing.For(FirstPage.WithKeyword("table")));
    }

    [Fact]
    public void It_is_forgotten_once_search_shows_this_version_or_a_later_one()
    {
        var syncing = new SyncingProducts();
        syncing.Add(Chair("1") with { Version = 2 });
        syncing.RemoveShownIn(new(1, [Chair("1")]));
        Assert.False(syncing.IsEmpty);
        syncing.RemoveShownIn(new(1, [Chair("1") with { Version = 3 }]));
        Assert.True(syncing.IsEmpty);
    }

    private static ProductEntity Chair(string id) => new()
    {
        Id = id,
        Pk = "PRODUCT#acme",
        Sk = id,
        Code = $"C-{id}",
        Name = "Chair",
        Version = 1,
        Attributes = new() { Category = "Seats" },
    };
}

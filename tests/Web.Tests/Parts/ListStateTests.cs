using Product.Web.Products;

namespace WebTests.Parts;

public sealed class ListStateTests
{
    [Theory]
    [InlineData(null, null, null, "/products")]
    [InlineData("", "1", "-createdAt", "/products")]
    [InlineData("a&b", "3", "name", "/products?keyword=a%26b&sort=name&page=3")]
    [InlineData(null, null, "createdAt", "/products?sort=createdAt")]
    [InlineData(null, "-1", "-price", "/products?sort=-price")]
    [InlineData(null, "99999999999", "nonsense", "/products")]
    public void An_address_is_read_as_far_as_it_makes_sense_and_written_in_its_shortest_form(
        string? keyword, string? page, string? sort, string address) =>
        Assert.Equal(address, ListState.Parse(ListState.ParseFilter(keyword, null, null, null, null), page, sort).ToUri());

    [Theory]
    [InlineData("Seats", "1.50", "20", "1", "?category=Seats&min=1.50&max=20&deleted=1")]
    [InlineData("", "", null, "0", "")]
    [InlineData("a&b", " 5 ", " ", "yes", "?category=a%26b&min=5")]
    [InlineData("", "1,5", "cheap ", null, "?min=1,5&max=cheap")]
    public void Filters_are_read_likewise_and_a_price_that_is_none_is_not_left_out(string? category, string? min, string? max, string? deleted, string query)
    {
        var state = ListState.All.With(ListState.ParseFilter(null, category, min, max, deleted));
        Assert.Equal($"/products{query}", state.ToUri());
        Assert.Equal($"/products/export{query}{(query.Length > 0 ? '&' : '?')}format=csv", state.ToExportUri("csv"));
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("1.5", null, true)]
    [InlineData("1,5", null, false)]
    [InlineData(null, "1e3", false)]
    [InlineData("12345678901234567890123456789", null, false)]
    public void Only_a_filter_that_can_be_read_is_asked(string? min, string? max, bool canBeAsked) =>
        Assert.Equal(canBeAsked, ListState.All.With(ListState.ParseFilter(null, null, min, max, null)).CanBeAsked);

    [Fact]
    public void Searching_and_sorting_lead_back_to_the_first_page()
    {
        var state = ListState.Parse(new("chair"), "3", "name");
        Assert.Equal("/products?keyword=table&sort=name", state.With(new("table")).ToUri());
        Assert.Equal("/products?keyword=chair&sort=-name", state.SortedBy("name").ToUri());
        Assert.Equal("/products?keyword=chair&sort=price", state.SortedBy("price").ToUri());
    }
}

using Product.Web.Api;

namespace Product.Web.Products;

/// <summary>The state of the list when its visitor left it, for the way back. It lives as long as the circuit.</summary>
public sealed class ListMemory
{
    /// <summary>Where the list was left, with its filters.</summary>
    public string Uri { get; set; } = "products";

    /// <summary>Gets or sets the product that was deleted last, as it is now: the list offers to take that back.</summary>
    public ProductEntity? JustDeleted { get; set; }
}

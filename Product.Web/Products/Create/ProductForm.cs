using Product.Web.Api;

namespace Product.Web.Products.Create;

/// <summary>A product as it is typed. Fields left empty are absent; all others are sent exactly as they are.</summary>
public sealed class ProductForm
{
    public string? Name { get; set; }

    public string? Code { get; set; }

    public string? Category { get; set; }

    public string? Price { get; set; }

    public string? Description { get; set; }

    public string? Weight { get; set; }

    public string? Dimensions { get; set; }

    /// <summary>What the form can tell by itself; the rest is for the API to judge.</summary>
    public IEnumerable<(string Property, string Message)> Check()
    {
        if (string.IsNullOrEmpty(Name))
        {
            yield return (nameof(Name), "is required");
        }

        if (!string.IsNullOrWhiteSpace(Price) && !ExactDecimal.TryParse(Price, out _))
        {
            yield return (nameof(Price), "must be a number such as 12.50, of at most 28 digits");
        }
    }

    public NewProduct ToRequest(string sk) => new(sk, Name, GivenOrNull(Code), new ProductAttributes
    {
        Category = GivenOrNull(Category),
        Price = !string.IsNullOrWhiteSpace(Price) && ExactDecimal.TryParse(Price, out var price) ? price : null,
        Description = GivenOrNull(Description),
        Specification = GivenOrNull(Weight) is null && GivenOrNull(Dimensions) is null
            ? null
            : new() { Weight = GivenOrNull(Weight), Dimensions = GivenOrNull(Dimensions) },
    });

    private static string? GivenOrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

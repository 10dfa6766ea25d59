using System.Globalization;
using Product.Web.Api;

namespace Product.Web.Products.Form;

/// <summary>A product as it is typed: text, field by field. Fields left empty are absent; all others are sent exactly as they are.</summary>
public sealed record ProductForm
{
    public string? Name { get; set; }

    public string? Code { get; set; }

    public string? Category { get; set; }

    public string? Price { get; set; }

    public string? Description { get; set; }

    public string? Weight { get; set; }

    public string? Dimensions { get; set; }

    public string? SortNumber { get; set; }

    public string? Expires { get; set; }

    public string? Deleted { get; set; }

    public static ProductForm From(ProductEntity product) => new()
    {
        Name = product.Name,
        Code = product.Code,
        Category = product.Attributes.Category,
        Price = product.Attributes.Price?.ToString(CultureInfo.InvariantCulture),
        Description = product.Attributes.Description,
        Weight = product.Attributes.Specification?.Weight,
        Dimensions = product.Attributes.Specification?.Dimensions,
        SortNumber = product.Seq?.ToString(CultureInfo.InvariantCulture),
        Expires = product.Ttl is { } ttl ? ExpiryText.From(ttl) : null,
        Deleted = product.IsDeleted ? "yes" : null,
    };

    /// <summary>Returns the checks that the form makes by itself. The API makes the rest.</summary>
    public IEnumerable<(ProductField Field, string Message)> Check()
    {
        if (string.IsNullOrEmpty(Name))
        {
            yield return (ProductField.Name, "is required");
        }

        foreach (var field in ProductField.All.Where(field => !field.IsEmpty(this) && !field.TryRead(this, out _)))
        {
            yield return (field, field.Rule!);
        }
    }

    public NewProduct ToNewProduct(string sk) => new(
        sk,
        Name,
        GivenOrNull(Code),
        new ProductAttributes
        {
            Category = GivenOrNull(Category),
            Price = ProductField.Price.Read<decimal>(this),
            Description = GivenOrNull(Description),
            Specification = GivenOrNull(Weight) is null && GivenOrNull(Dimensions) is null
                ? null
                : new() { Weight = GivenOrNull(Weight), Dimensions = GivenOrNull(Dimensions) },
        },
        ProductField.SortNumber.Read<long>(this),
        ProductField.Expires.Read<long>(this));

    private static string? GivenOrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

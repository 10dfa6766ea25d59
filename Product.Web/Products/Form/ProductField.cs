using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Product.Web.Products.Form;

/// <summary>A field of the form: what it is called, where its value stands in the API's JSON, and how its text is read.</summary>
public sealed class ProductField
{
    private delegate bool Reader(string text, out object value);

    private readonly Func<ProductForm, string?> get;
    private readonly Action<ProductForm, string?> set;
    private readonly Reader read;

    private ProductField(
        string property, string label, string path, Func<ProductForm, string?> get, Action<ProductForm, string?> set, Reader? read = null, string? rule = null) =>
        (Property, Label, Path, this.get, this.set, this.read, Rule) = (property, label, path, get, set, read ?? AsText, rule);

    public static ProductField Name { get; } = new(nameof(ProductForm.Name), "Name", "name", f => f.Name, (f, v) => f.Name = v);

    public static ProductField Code { get; } = new(nameof(ProductForm.Code), "Code", "code", f => f.Code, (f, v) => f.Code = v);

    public static ProductField Price { get; } = new(
        nameof(ProductForm.Price), "Price", "attributes.price", f => f.Price, (f, v) => f.Price = v,
        AsPrice, "must be a number such as 12.50, of at most 28 significant digits");

    public static ProductField SortNumber { get; } = new(
        nameof(ProductForm.SortNumber), "Sort number", "seq", f => f.SortNumber, (f, v) => f.SortNumber = v,
        AsInteger, "must be a whole number");

    public static ProductField Expires { get; } = new(
        nameof(ProductForm.Expires), "Expires", "ttl", f => f.Expires, (f, v) => f.Expires = v,
        AsExpiry, "must be a date and time after 1970");

    /// <summary>Gets all, in the order in which people read them.</summary>
    public static IReadOnlyList<ProductField> All { get; } =
    [
        Name,
        Code,
        new(nameof(ProductForm.Category), "Category", "attributes.category", f => f.Category, (f, v) => f.Category = v),
        Price,
        new(nameof(ProductForm.Description), "Description", "attributes.description", f => f.Description, (f, v) => f.Description = v),
        new(nameof(ProductForm.Weight), "Weight", "attributes.specification.weight", f => f.Weight, (f, v) => f.Weight = v),
        new(nameof(ProductForm.Dimensions), "Dimensions", "attributes.specification.dimensions", f => f.Dimensions, (f, v) => f.Dimensions = v),
        SortNumber,
        Expires,
        new(nameof(ProductForm.Deleted), "Deleted", "isDeleted", f => f.Deleted, (f, v) => f.Deleted = v, AsFlag),
    ];

    /// <summary>Gets the property of <see cref="ProductForm"/>.</summary>
    public string Property { get; }

    public string Label { get; }

    public string Path { get; }

    /// <summary>Gets the rule for its text, in words.</summary>
    public string? Rule { get; }

    public string? Get(ProductForm form) => get(form);

    public void Set(ProductForm form, string? text) => set(form, text);

    public bool IsEmpty(ProductForm form) => string.IsNullOrEmpty(get(form)) || (Rule is not null && string.IsNullOrWhiteSpace(get(form)));

    public bool TryRead(ProductForm form, [NotNullWhen(true)] out object? value) => read(get(form) ?? "", out value!);

    public T? Read<T>(ProductForm form)
        where T : struct =>
        !IsEmpty(form) && TryRead(form, out var value) ? (T)value : null;

    /// <summary>Returns whether two forms mean the same here: <c>1.0</c> is <c>1</c>, and empty is absent.</summary>
    public bool IsSame(ProductForm one, ProductForm other) => (IsEmpty(one), IsEmpty(other)) switch
    {
        (true, true) => true,
        (false, false) => TryRead(one, out var left) && TryRead(other, out var right) ? left.Equals(right) : get(one) == get(other),
        _ => false,
    };

    /// <summary>Returns the value as the API takes it; null if there is none.</summary>
    public JsonNode? ToJson(ProductForm form) => !IsEmpty(form) && TryRead(form, out var value) ? JsonValue.Create(value) : null;

    private static bool AsText(string text, out object value)
    {
        value = text;
        return true;
    }

    private static bool AsPrice(string text, out object value)
    {
        var isPrice = ExactDecimal.TryParse(text, out var price);
        value = price;
        return isPrice;
    }

    private static bool AsInteger(string text, out object value)
    {
        var isInteger = long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out var number);
        value = number;
        return isInteger;
    }

    private static bool AsExpiry(string text, out object value)
    {
        var isTime = ExpiryText.TryParse(text, out var seconds);
        value = seconds;
        return isTime;
    }

    private static bool AsFlag(string text, out object value)
    {
        value = text.Length > 0;
        return true;
    }
}

using Product.Web.Api;
using Product.Web.Products.Form;

namespace Product.Web.Products.Edit;

/// <summary>Somebody else saved a newer version while this one was edited: what each of the two changed, and what the person chooses.</summary>
public sealed class Conflict
{
    public Conflict(ProductEntity original, ProductForm mine, ProductEntity theirs)
    {
        (Original, Theirs, Mine) = (original, theirs, mine);
        var (before, after) = (ProductForm.From(original), ProductForm.From(theirs));
        Fields =
        [
            .. ProductField.All
                .Where(field => !field.IsSame(mine, after))
                .Select(field => new ConflictField(field, field.Get(before), field.Get(after), field.Get(mine))
                {
                    Choice = (field.IsSame(before, mine), field.IsSame(before, after)) switch
                    {
                        (true, _) => Side.Theirs,
                        (_, true) => Side.Mine,
                        _ => null,
                    },
                }),
        ];
    }

    /// <summary>Gets the version that both began with.</summary>
    public ProductEntity Original { get; }

    public ProductEntity Theirs { get; }

    public ProductForm Mine { get; }

    /// <summary>Gets the fields in which the two differ.</summary>
    public IReadOnlyList<ConflictField> Fields { get; }

    public bool IsDecided => Fields.All(one => one.Choice is not null);

    /// <summary>Their version with what was chosen of mine.</summary>
    public ProductForm Merge()
    {
        var merged = ProductForm.From(Theirs);
        foreach (var field in Fields.Where(field => field.Choice == Side.Mine))
        {
            field.Field.Set(merged, field.Mine);
        }

        return merged;
    }

    public void ChooseAll(Side side)
    {
        foreach (var field in Fields)
        {
            field.Choice = side;
        }
    }
}

/// <summary>A field in which two versions differ.</summary>
public sealed class ConflictField(ProductField field, string? original, string? theirs, string? mine)
{
    public ProductField Field { get; } = field;

    public string? Original { get; } = original;

    public string? Theirs { get; } = theirs;

    public string? Mine { get; } = mine;

    /// <summary>Chosen already where only one of the two changed it; null: the person has to say.</summary>
    public Side? Choice { get; set; }
}

public enum Side
{
    Theirs,
    Mine,
}

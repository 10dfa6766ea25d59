using Product.Web.Api;
using Product.Web.Products.Form;

namespace Product.Web.Products.Edit;

/// <summary>
/// Saving, deleting, restoring: each is a new version on top of the one that is shown. What was asked for is carried out, whether or not the
/// visitor stays to see it.
/// </summary>
public sealed partial class EditProduct
{
    private Task SaveAsync()
    {
        errors!.Show([.. form.Check()]);
        return errors.IsEmpty ? WriteAsync(product!, form) : Task.CompletedTask;
    }

    private Task SaveChosenAsync()
    {
        var chosen = conflict!;
        (product, Kept, newer, conflict) = (chosen.Theirs, chosen.Theirs, null, null);
        Fill(chosen.Merge());
        return SaveAsync();
    }

    private Task WriteAsync(ProductEntity seen, ProductForm wanted) => TryAsync(async () =>
    {
        var patch = ProductPatch.Of(ProductForm.From(seen), wanted);
        var saved = patch.Count == 0 ? null : await Api.PatchAsync(seen.Sk, seen.Version, patch, CancellationToken.None);
        Show(saved ?? seen);
        return saved is null ? "Nothing was changed." : Saved(saved, $"Saved as version {saved.Version}.");
    });

    private Task DeleteAsync() => TryAsync(async () =>
    {
        var deleted = await Api.DeleteAsync(product!.Sk, product.Version, CancellationToken.None);
        if (deleted is not null)
        {
            Marks.Add(deleted);
            List.JustDeleted = deleted;
        }

        if (!leaving.IsCancellationRequested)
        {
            Navigation.NavigateTo(List.Uri);
        }

        return null;
    });

    private Task RestoreAsync() => TryAsync(async () =>
    {
        if (await Api.RestoreAsync(product!.Sk, product.Version, CancellationToken.None) is { } restored)
        {
            Show(restored);
            return Saved(restored, "Restored.");
        }

        return null;
    });

    private string Saved(ProductEntity saved, string said)
    {
        Marks.Add(saved);
        return said;
    }
}

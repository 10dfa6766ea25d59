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
        errors.Show([.. form.Check()]);
        return errors.IsEmpty ? WriteAsync(product!, form with { }) : Task.CompletedTask;
    }

    private Task SaveChosenAsync()
    {
        if (conflict is not { } chosen)
        {
            return Task.CompletedTask;
        }

        (product, Kept, newer, conflict) = (chosen.Theirs, chosen.Theirs, null, null);
        Fill(chosen.Merge());
        return SaveAsync();
    }

    private Task WriteAsync(ProductEntity seen, ProductForm wanted) => TryAsync(async () =>
    {
        var patch = ProductPatch.Of(ProductForm.From(seen), wanted);
        var saved = patch.Count == 0 ? null : await Api.PatchAsync(seen.Sk, seen.Version, patch, CancellationToken.None);
        Show(saved ?? seen, since: wanted);
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
            isDone = true;
            Navigation.NavigateTo(List.Uri);
        }

        return null;
    });

    private Task RestoreAsync() => TryAsync(async () =>
    {
        var deleted = product!;
        if (await Api.RestoreAsync(deleted.Sk, deleted.Version, CancellationToken.None) is { } restored)
        {
            Show(restored, since: ProductForm.From(deleted));
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

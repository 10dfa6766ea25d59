using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Product.Web.Api;
using Product.Web.Products.Edit;
using Product.Web.Products.Form;

namespace Product.Web.Products.Create;

public sealed partial class CreateProduct
{
    private EditContext context = default!;
    private FormErrors errors = default!;
    private ApiProblem? problem;
    private bool isSaving;
    private bool isDone;
    private bool hasLeft;

    /// <summary>Kept when the connection is lost for so long that the page begins anew.</summary>
    [PersistentState]
    public Draft? Kept { get; set; }

    private Draft Current => Kept!;

    private bool IsUnsaved => !isDone && ProductField.All.Any(one => !one.IsEmpty(Current.Form));

    public void Dispose() => hasLeft = true;

    protected override void OnInitialized()
    {
        Kept ??= new();
        context = new(Current.Form);
        errors = new(context);
        if (RendererInfo.IsInteractive)
        {
            // Before anything is written, so that its event is heard.
            Marks.Start();
        }
    }

    private async Task SaveAsync()
    {
        if (isSaving)
        {
            return;
        }

        problem = null;
        errors.Show([.. Current.Form.Check()]);
        if (!errors.IsEmpty)
        {
            return;
        }

        // The page may begin anew before there is an answer.
        var mayExist = Current.MayExist;
        (isSaving, Current.MayExist) = (true, true);
        try
        {
            Marks.Add(await CreateAsync(Current.Form with { }, mayExist));
            ToList();
        }
        catch (ApiException failure)
        {
            Current.MayExist = mayExist || failure.Problem.IsOutcomeUnknown;
            problem = errors.TryShow(failure.Problem) ? null : failure.Problem;
        }
        finally
        {
            isSaving = false;
        }
    }

    private async Task<ProductEntity> CreateAsync(ProductForm wanted, bool mayExist)
    {
        try
        {
            return await Api.CreateAsync(wanted.ToNewProduct(Current.Sk), CancellationToken.None);
        }
        catch (ApiException failure) when (failure.Problem.IsVersionConflict && mayExist)
        {
            // The sort key is this form's own: the attempt whose answer was lost had succeeded. What was typed since is a change of that.
            var stored = await Api.GetAsync(Current.Sk, CancellationToken.None);
            var before = ProductForm.From(stored);
            var patch = ProductPatch.Of(before, ProductField.Code.IsEmpty(wanted) ? wanted with { Code = before.Code } : wanted);
            var changed = patch.Count == 0 ? null : await Api.PatchAsync(stored.Sk, stored.Version, patch, CancellationToken.None);
            return changed ?? stored;
        }
    }

    // Its own, newest first: what was created leads the list, whatever it was filtered by before.
    private void ToList()
    {
        isDone = true;
        if (!hasLeft)
        {
            Navigation.NavigateTo("products");
        }
    }

    /// <summary>The input, and the sort key that every attempt to save it has: none makes a second product.</summary>
    public sealed class Draft
    {
        public string Sk { get; set; } = Ulid.NewUlid().ToString();

        public ProductForm Form { get; set; } = new();

        /// <summary>Gets or sets whether an attempt may have succeeded whose answer is not known.</summary>
        public bool MayExist { get; set; }
    }
}

using Microsoft.AspNetCore.Components.Forms;
using Product.Web.Api;
using Product.Web.Products.Form;

namespace Product.Web.Products.Create;

public sealed partial class CreateProduct
{
    private readonly ProductForm form = new();
    private readonly string sk = Ulid.NewUlid().ToString();
    private readonly EditContext context;
    private readonly FormErrors errors;

    private ApiProblem? problem;
    private bool isSaving;
    private bool hasLeft;
    private bool mayExistAlready;

    public CreateProduct()
    {
        context = new(form);
        errors = new(context);
    }

    public void Dispose() => hasLeft = true;

    private async Task SaveAsync()
    {
        if (isSaving)
        {
            return;
        }

        problem = null;
        errors.Show([.. form.Check()]);
        if (!errors.IsEmpty)
        {
            return;
        }

        isSaving = true;
        try
        {
            Marks.Add(await Api.CreateAsync(form.ToNewProduct(sk), CancellationToken.None));
            ToList();
        }
        catch (ApiException failure)
        {
            Explain(failure.Problem);
        }
        finally
        {
            isSaving = false;
        }
    }

    private void Explain(ApiProblem refusal)
    {
        if (refusal.IsVersionConflict && mayExistAlready)
        {
            // The sort key is this form's own: the attempt whose answer was lost had succeeded.
            ToList();
            return;
        }

        mayExistAlready |= refusal.IsOutcomeUnknown;
        problem = errors.TryShow(refusal) ? null : refusal;
    }

    // Its own, newest first: what was created leads the list, whatever it was filtered by before.
    private void ToList()
    {
        if (!hasLeft)
        {
            Navigation.NavigateTo("products");
        }
    }
}

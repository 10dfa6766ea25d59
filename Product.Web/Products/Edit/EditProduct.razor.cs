using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Product.Web.Api;
using Product.Web.Products.Form;
using Product.Web.Products.Live;

namespace Product.Web.Products.Edit;

public sealed partial class EditProduct
{
    private readonly CancellationTokenSource leaving = new();

    private readonly ProductForm form = new();
    private readonly EditContext context;
    private readonly FormErrors errors;

    private ProductEntity? product;
    private ProductEntity? newer;
    private Conflict? conflict;
    private ApiProblem? problem;
    private string? notice;
    private bool isBusy;
    private bool isDone;
    private Task loading = Task.CompletedTask;

    public EditProduct()
    {
        context = new(form);
        errors = new(context);
    }

    /// <summary>Gets or sets the product that is shown: loaded while prerendering, and kept when the connection is lost for so long that the page begins anew.</summary>
    [PersistentState]
    public ProductEntity? Kept { get; set; }

    /// <summary>Gets or sets the input, kept as well.</summary>
    [PersistentState]
    public ProductForm? Typed { get; set; }

    [SupplyParameterFromQuery(Name = "sk")]
    private string? Sk { get; set; }

    private bool IsChanged => product is not null && ProductPatch.Of(ProductForm.From(product), form).Count > 0;

    public void Dispose()
    {
        Feed.Arrived -= Follow;
        Feed.Connected -= LookForNewer;
        Marks.Changed -= Refresh;
        leaving.Cancel();
        leaving.Dispose();
    }

    protected override Task OnInitializedAsync()
    {
        // Before anything is read, so that nothing falls between the two.
        if (RendererInfo.IsInteractive)
        {
            Feed.Arrived += Follow;
            Feed.Connected += LookForNewer;
            Marks.Changed += Refresh;
            Marks.Start();
        }

        var typed = Typed;
        Typed = form;
        if (Kept is { } kept && kept.Sk == Sk)
        {
            Show(kept);
            Fill(typed ?? form);
            return Task.CompletedTask;
        }

        return loading = LoadAsync();
    }

    // Fields that were changed since then keep their input.
    private void Show(ProductEntity shown, ProductForm? since = null)
    {
        (product, Kept, newer, conflict) = (shown, shown, null, null);
        Fill(ProductForm.From(shown), since);
        errors.Show([]);
    }

    private void Fill(ProductForm with, ProductForm? since = null)
    {
        foreach (var field in ProductField.All.Where(field => since is null || field.Get(form) == field.Get(since)))
        {
            field.Set(form, field.Get(with));
        }
    }

    private Task LoadAsync() => TryAsync(async () =>
    {
        Show(await Api.GetAsync(Sk ?? "", leaving.Token));
        return null;
    });

    private Task ResolveAsync() => TryAsync(async () =>
    {
        var theirs = await Api.GetAsync(product!.Sk, leaving.Token);
        var found = new Conflict(product, form with { }, theirs);
        if (found.Fields.Count > 0 && IsChanged)
        {
            conflict = found;
            return null;
        }

        Show(theirs);
        return $"This is version {theirs.Version}, saved by {theirs.UpdatedBy}.";
    });

    /// <summary>Does something that may fail, and tells how it went.</summary>
    private async Task TryAsync(Func<Task<string?>> work)
    {
        if (isBusy)
        {
            return;
        }

        (isBusy, problem, notice) = (true, null, null);
        var isStale = false;
        try
        {
            notice = await work();
        }
        catch (ApiException failure) when (failure.Problem.IsVersionConflict && product is not null)
        {
            isStale = true;
        }
        catch (ApiException failure)
        {
            problem = errors.TryShow(failure.Problem) ? null : failure.Problem;
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // Nobody waits for the outcome any more.
        }

        isBusy = false;
        if (isStale && !leaving.IsCancellationRequested)
        {
            await ResolveAsync();
        }
    }

    private void Refresh() => _ = InvokeAsync(StateHasChanged);

    private void Follow(CommandEvent ended)
    {
        if (ended.Sk == Sk)
        {
            LookForNewer(ended.Version);
        }
    }

    private void LookForNewer() => LookForNewer(long.MaxValue);

    // Somebody else's version is told of before all is typed, but never put in the place of what is being typed, nor in the way of saving it.
    private void LookForNewer(long version) => _ = InvokeAsync(async () =>
    {
        await loading;
        if (product is null || isBusy || version <= product.Version)
        {
            return;
        }

        try
        {
            var now = await Api.GetAsync(product.Sk, leaving.Token);
            if (!isBusy && now.Version > product.Version)
            {
                newer = now;
                StateHasChanged();
            }
        }
        catch (ApiException)
        {
            // Saving will tell.
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // Nobody waits for the outcome any more.
        }
    });
}

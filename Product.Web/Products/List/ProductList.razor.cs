using System.Globalization;
using Microsoft.AspNetCore.Components;
using Product.Web.Api;

namespace Product.Web.Products.List;

public sealed partial class ProductList
{
    private readonly CancellationTokenSource leaving = new();
    private readonly Asked<ListState> asked = new();
    private CancellationTokenSource? loading;
    private ListState state = ListState.All;
    private Result? result;
    private ApiProblem? undoProblem;
    private bool isLoading;
    private bool isUndoing;

    /// <summary>Gets or sets the result that was loaded while prerendering: the page that becomes interactive need not wait for it again.</summary>
    [PersistentState]
    public Result? Prerendered { get; set; }

    [SupplyParameterFromQuery(Name = "keyword")]
    private string? KeywordInAddress { get; set; }

    [SupplyParameterFromQuery(Name = "category")]
    private string? CategoryInAddress { get; set; }

    [SupplyParameterFromQuery(Name = "min")]
    private string? MinPriceInAddress { get; set; }

    [SupplyParameterFromQuery(Name = "max")]
    private string? MaxPriceInAddress { get; set; }

    [SupplyParameterFromQuery(Name = "deleted")]
    private string? DeletedInAddress { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? PageInAddress { get; set; }

    [SupplyParameterFromQuery(Name = "sort")]
    private string? SortInAddress { get; set; }

    // The state that the address will have: the next change builds on that.
    private ListState Wanted => asked.Last ?? state;

    private string Summary => (result, isLoading) switch
    {
        _ when !state.CanBeAsked => "Correct the filter to see products.",
        (null or { Page: null }, true) => "Loading…",
        ({ Page: { } page, State.Filter.Keyword: { Length: > 0 } keyword }, _) => $"{Count(page.Total)} for “{keyword}”",
        ({ Page: { } page }, _) => Count(page.Total),
        _ => "",
    };

    private string? ExportUri(string format) => state.CanBeAsked ? state.ToExportUri(format) : null;

    private IEnumerable<string> Categories =>
        (result?.Page?.Items ?? []).Select(item => item.Attributes.Category).OfType<string>().Where(category => category.Length > 0);

    public void Dispose()
    {
        Unfollow();
        leaving.Cancel();
        leaving.Dispose();
        loading?.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        var filter = ListState.ParseFilter(KeywordInAddress, CategoryInAddress, MinPriceInAddress, MaxPriceInAddress, DeletedInAddress);
        var said = ListState.Parse(filter, PageInAddress, SortInAddress);
        asked.IsEcho(said);
        if (result is not null && said == state)
        {
            return;
        }

        state = said;
        Memory.Uri = state.ToUri();
        if (result is null && Prerendered is { } prerendered && prerendered.State == said)
        {
            result = prerendered;
            return;
        }

        await LoadAsync();
        Prerendered = result;
    }

    // Before anything is read, so that nothing falls between the two.
    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
        {
            Follow();
        }
    }

    private static string Count(long total) => total == 1 ? "1 product" : string.Create(CultureInfo.InvariantCulture, $"{total:N0} products");

    private async Task LoadAsync(bool isQuiet = false)
    {
        loading?.Cancel();
        loading?.Dispose();
        loading = null;
        if (!state.CanBeAsked)
        {
            // Nothing that was found before is an answer to this.
            (result, isLoading) = (new(state, null, null), false);
            return;
        }

        loading = CancellationTokenSource.CreateLinkedTokenSource(leaving.Token);
        var (asked, cancelled) = (state, loading.Token);
        isLoading |= !isQuiet;
        Result loaded;
        try
        {
            loaded = new(asked, await Api.SearchAsync(asked.ToSearch(), cancelled), null);
        }
        catch (ApiException failure)
        {
            // The result before stays in sight under the message, if it answers the same question.
            loaded = new(asked, result?.State == asked ? result.Page : null, failure.Problem);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            return;
        }

        if (!cancelled.IsCancellationRequested)
        {
            (result, isLoading) = (loaded, false);
        }
    }

    private async Task UndoDeleteAsync()
    {
        if (isUndoing || Memory.JustDeleted is not { } deleted)
        {
            return;
        }

        (isUndoing, undoProblem) = (true, null);
        try
        {
            if (await Api.RestoreAsync(deleted.Sk, deleted.Version, CancellationToken.None) is { } restored)
            {
                Marks.Add(restored);
            }

            Memory.JustDeleted = null;
            if (!leaving.IsCancellationRequested)
            {
                await LoadAsync();
            }
        }
        catch (ApiException failure)
        {
            undoProblem = failure.Problem;
        }
        finally
        {
            isUndoing = false;
        }
    }

    // One step back leaves the search, however often its author paused to think.
    private void Apply(Func<ProductFilter, ProductFilter> change)
    {
        var before = Wanted;
        asked.Add(before.With(change(before.Filter)));
        Navigation.NavigateTo(Wanted.ToUri(), replace: before.IsFiltered);
    }

    /// <summary>The result of a search, and the state that it is for.</summary>
    public sealed record Result(ListState State, ProductPage? Page, ApiProblem? Problem);
}

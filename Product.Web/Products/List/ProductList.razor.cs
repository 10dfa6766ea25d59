using System.Globalization;
using Microsoft.AspNetCore.Components;
using Product.Web.Api;

namespace Product.Web.Products.List;

public sealed partial class ProductList
{
    private const int MaxChecks = 60;

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource leaving = new();
    private CancellationTokenSource? loading;
    private ListState state = ListState.Parse(null, null, null);
    private Result? result;
    private bool isLoading;

    /// <summary>What was loaded while prerendering: the page that becomes interactive need not ask again.</summary>
    [PersistentState]
    public Result? Prerendered { get; set; }

    [SupplyParameterFromQuery(Name = "keyword")]
    private string? KeywordInAddress { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? PageInAddress { get; set; }

    [SupplyParameterFromQuery(Name = "sort")]
    private string? SortInAddress { get; set; }

    private string Summary => (result, isLoading) switch
    {
        (null or { Page: null }, true) => "Loading…",
        ({ Page: { } page, State.Keyword: { Length: > 0 } keyword }, _) => $"{Count(page.Total)} for “{keyword}”",
        ({ Page: { } page }, _) => Count(page.Total),
        _ => "",
    };

    public void Dispose()
    {
        leaving.Cancel();
        leaving.Dispose();
        loading?.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        var wanted = ListState.Parse(KeywordInAddress, PageInAddress, SortInAddress);
        if (result is not null && wanted == state)
        {
            return;
        }

        state = wanted;
        if (result is null && Prerendered is { } prerendered && prerendered.State == wanted)
        {
            result = prerendered;
            return;
        }

        await LoadAsync();
        Prerendered = result;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        using var timer = new PeriodicTimer(CheckInterval);
        try
        {
            for (var check = 0; check < MaxChecks && !Syncing.IsEmpty && await timer.WaitForNextTickAsync(leaving.Token); check++)
            {
                await CheckSyncingAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The visitor left.
        }
    }

    private static string Count(long total) => total == 1 ? "1 product" : string.Create(CultureInfo.InvariantCulture, $"{total:N0} products");

    private async Task CheckSyncingAsync()
    {
        try
        {
            if (await Syncing.CheckAsync(Api, leaving.Token))
            {
                await LoadAsync();
                StateHasChanged();
            }
        }
        catch (ApiException)
        {
            // The mark stays; the next check may fare better.
        }
    }

    private async Task LoadAsync()
    {
        loading?.Cancel();
        loading?.Dispose();
        loading = CancellationTokenSource.CreateLinkedTokenSource(leaving.Token);
        var (asked, cancelled) = (state, loading.Token);
        isLoading = true;
        Result loaded;
        try
        {
            loaded = new(asked, await Api.SearchAsync(asked.ToSearch(), cancelled), null);
        }
        catch (ApiException failure)
        {
            // What was shown before stays in sight under the message, if it is an answer to the same question.
            loaded = new(asked, result?.State == asked ? result.Page : null, failure.Problem);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            return;
        }

        if (!cancelled.IsCancellationRequested)
        {
            (result, isLoading) = (loaded, false);
            Syncing.RemoveShownIn(loaded.Page ?? new(0, []));
        }
    }

    // One step back leaves the search, however often its author paused to think.
    private void Search(string keyword) =>
        Navigation.NavigateTo(state.WithKeyword(keyword).ToUri(), replace: state.Keyword.Length > 0);

    /// <summary>What a search brought, and for which state.</summary>
    public sealed record Result(ListState State, ProductPage? Page, ApiProblem? Problem);
}

using Product.Web.Products.Live;

namespace Product.Web.Products.List;

/// <summary>The list follows what happens in the tenant.</summary>
public sealed partial class ProductList
{
    // Of many changes at once, as in an import, the list shows where they are every half second.
    private static readonly TimeSpan RefreshPause = TimeSpan.FromMilliseconds(500);

    private bool isRefreshing;
    private bool isOutdated;

    private void Follow()
    {
        Feed.Arrived += OnArrived;
        Feed.Connected += RefreshSoon;
        Marks.Changed += Redraw;
        Marks.Start();
    }

    private void Unfollow()
    {
        Feed.Arrived -= OnArrived;
        Feed.Connected -= RefreshSoon;
        Marks.Changed -= Redraw;
    }

    private void Redraw() => _ = InvokeAsync(StateHasChanged);

    private void OnArrived(CommandEvent ended) => RefreshSoon();

    private void RefreshSoon() => _ = InvokeAsync(async () =>
    {
        isOutdated = true;
        if (isRefreshing)
        {
            return;
        }

        isRefreshing = true;
        while (isOutdated)
        {
            isOutdated = false;
            await LoadAsync(isQuiet: true);
            StateHasChanged();
            await Task.Delay(RefreshPause, leaving.Token);
        }

        isRefreshing = false;
    });
}

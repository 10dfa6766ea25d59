using System.Globalization;
using Microsoft.AspNetCore.Components;
using Product.Web.Api;
using Product.Web.Products.Live;

namespace Product.Web.Products.History;

public sealed partial class ProductHistory
{
    private const int PageSize = 50;

    private readonly CancellationTokenSource leaving = new();

    private List<ProductEntity>? versions;
    private ProductEntity? from;
    private ProductEntity? to;
    private ApiProblem? problem;
    private string? notice;
    private bool hasMore;
    private bool isRollingBack;
    private Task loading = Task.CompletedTask;

    [SupplyParameterFromQuery(Name = "sk")]
    private string? Sk { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    private string? FromInAddress { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    private string? ToInAddress { get; set; }

    public void Dispose()
    {
        Feed.Arrived -= Follow;
        Feed.Connected -= CatchUp;
        leaving.Cancel();
        leaving.Dispose();
    }

    // Before anything is read, so that nothing falls between the two.
    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
        {
            Feed.Arrived += Follow;
            Feed.Connected += CatchUp;
            Marks.Start();
        }
    }

    protected override Task OnParametersSetAsync() => loading = versions is null ? LoadAsync() : TryAsync(PickAsync);

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private Task LoadAsync() => TryAsync(async () =>
    {
        var newest = await Api.ListHistoryAsync(Sk ?? "", PageSize, before: null, leaving.Token);
        (versions, hasMore) = ([.. newest], newest.Count == PageSize);
        await PickAsync();
    });

    private Task LoadMoreAsync() => TryAsync(async () =>
    {
        var last = versions![^1].Version;
        var older = await Api.ListHistoryAsync(Sk!, PageSize, last, leaving.Token);
        // Asked for twice, they are there already.
        if (versions[^1].Version == last)
        {
            versions.AddRange(older);
            hasMore = older.Count == PageSize;
        }
    });

    // Those in the address; else the newest and the one before it.
    private async Task PickAsync()
    {
        var newest = versions![0].Version;
        var upper = Number(ToInAddress) ?? newest;
        try
        {
            var later = await VersionAsync(upper);
            from = Number(FromInAddress) is { } lower ? await VersionAsync(lower)
                : upper > 1 ? await VersionAsync(upper - 1)
                : null;
            to = later;
        }
        catch (ApiException)
        {
            // The comparison before is no answer to this.
            (from, to) = (null, null);
            throw;
        }
    }

    private async Task<ProductEntity> VersionAsync(long version) =>
        versions!.FirstOrDefault(one => one.Version == version) ?? await Api.GetVersionAsync(Sk!, version, leaving.Token);

    private void Compare((long From, long To) chosen) =>
        Navigation.NavigateTo(ProductAddress.Compare(Sk!, Math.Min(chosen.From, chosen.To), Math.Max(chosen.From, chosen.To)), replace: true);

    private async Task RollbackAsync(ProductEntity old)
    {
        if (!isRollingBack)
        {
            isRollingBack = true;
            await TryAsync(() => RollBackToAsync(old));
            isRollingBack = false;
        }
    }

    private async Task RollBackToAsync(ProductEntity old)
    {
        var saved = await Api.RollbackAsync(Sk!, old.Version, versions![0].Version, CancellationToken.None);
        if (saved is null)
        {
            notice = $"Nothing was changed: version {versions[0].Version} has the content of version {old.Version}.";
            return;
        }

        Marks.Add(saved);
        if (leaving.IsCancellationRequested)
        {
            return;
        }

        // Events may have brought it before the answer.
        if (versions[0].Version < saved.Version)
        {
            versions.Insert(0, saved);
        }

        notice = $"Version {saved.Version} has the content of version {old.Version} again.";
        Navigation.NavigateTo(ProductAddress.Compare(Sk!, saved.Version - 1, saved.Version), replace: true);
    }

    private async Task TryAsync(Func<Task> work)
    {
        problem = null;
        try
        {
            await work();
        }
        catch (ApiException failure)
        {
            problem = failure.Problem;
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // Nobody waits for the outcome any more.
        }
    }

    private void Follow(CommandEvent ended)
    {
        if (ended.Sk == Sk)
        {
            CatchUp(ended.Version);
        }
    }

    private void CatchUp() => CatchUp(long.MaxValue);

    private void CatchUp(long version) => _ = InvokeAsync(async () =>
    {
        await loading;
        if (versions is [var newest, ..] && version > newest.Version)
        {
            await TryAsync(AddNewerAsync);
            StateHasChanged();
        }
    });

    // Older ones that were asked for stay.
    private async Task AddNewerAsync()
    {
        var page = await Api.ListHistoryAsync(Sk!, PageSize, before: null, leaving.Token);
        var isGapless = versions![0].Version >= page[^1].Version - 1;
        hasMore = isGapless ? hasMore : page.Count == PageSize;
        versions = isGapless ? [.. page, .. versions.Where(one => one.Version < page[^1].Version)] : [.. page];
        await PickAsync();
    }
}

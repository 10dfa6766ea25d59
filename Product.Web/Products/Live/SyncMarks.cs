using Product.Web.Api;
using Product.Web.Identity;

namespace Product.Web.Products.Live;

/// <summary>
/// The marks of what the visitor's tenant wrote that the read model does not have yet. Own writes are in the list at once; the mark tells that
/// others do not find them yet. Lives as long as the visitor's circuit.
/// </summary>
public sealed partial class SyncMarks : IDisposable
{
    // Events take the marks away at once. When events begin, and now and then, the command itself is asked, for an event that was told to nobody.
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource gone = new();
    private readonly SyncMarkStore store;
    private readonly ApiConnection connection;
    private readonly ProductApiClient api;
    private readonly CommandFeed feed;
    private readonly ILogger<SyncMarks> logger;
    private string? pk;

    public SyncMarks(SyncMarkStore store, ApiConnection connection, ProductApiClient api, CommandFeed feed, ILogger<SyncMarks> logger)
    {
        (this.store, this.connection, this.api, this.feed, this.logger) = (store, connection, api, feed, logger);
        feed.Arrived += store.Apply;
        feed.Connected += CheckSoon;
        store.Changed += OnChanged;
    }

    /// <summary>A mark came, changed or went.</summary>
    public event Action? Changed;

    /// <summary>From now on marks go by themselves.</summary>
    public void Start()
    {
        if (pk is null)
        {
            pk = "";
            _ = WatchAsync(gone.Token);
        }
    }

    public void Add(ProductEntity written) => store.Add(written);

    public SyncMark? Of(ProductEntity shown) => store.Of(shown);

    public void Dispose()
    {
        feed.Arrived -= store.Apply;
        feed.Connected -= CheckSoon;
        store.Changed -= OnChanged;
        gone.Cancel();
        gone.Dispose();
    }

    private void OnChanged(string changed)
    {
        if (changed == pk)
        {
            Changed?.Invoke();
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            pk = SignedInUser.From(await connection.GetUserAsync())?.ProductPk ?? "";
            feed.Start();
            using var timer = new PeriodicTimer(CheckInterval);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await CheckAllAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The visitor left.
        }
    }

    private void CheckSoon() => _ = CheckAllAsync(gone.Token);

    private async Task CheckAllAsync(CancellationToken cancellationToken)
    {
        foreach (var mark in store.Of(pk ?? ""))
        {
            await CheckAsync(mark, cancellationToken);
        }
    }

    private async Task CheckAsync(SyncMark mark, CancellationToken cancellationToken)
    {
        try
        {
            var command = await api.GetCommandAsync(mark.Sk, mark.Version, cancellationToken);
            if (command.Status != CommandEvent.Pending)
            {
                store.Apply(new(mark.Pk, mark.Sk, mark.Version, command.Status, command.Reason));
            }
        }
        catch (ApiException failure) when (failure.Problem.Status == StatusCodes.Status404NotFound)
        {
            // Purged: nothing is left that could come.
            store.Apply(new(mark.Pk, mark.Sk, mark.Version, CommandEvent.Finished, null));
        }
        catch (ApiException failure)
        {
            LogCheckFailed(failure, mark.Sk);
        }
    }

    [LoggerMessage(LogLevel.Debug, "How far {Sk} has come cannot be told now.")]
    private partial void LogCheckFailed(Exception exception, string sk);
}

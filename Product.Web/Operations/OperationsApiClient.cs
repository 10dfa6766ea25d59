using Product.Web.Api;
using Product.Web.Identity;

namespace Product.Web.Operations;

/// <summary>The requests of operators to the API.</summary>
public sealed class OperationsApiClient(ApiConnection api)
{
    public Task<SyncReport> GetSyncAsync(CancellationToken cancellationToken) => api.GetAsync<SyncReport>("api/ops/sync", cancellationToken);

    public Task<IReadOnlyList<ParkedCommand>> ListParkedAsync(CancellationToken cancellationToken) =>
        api.GetAsync<IReadOnlyList<ParkedCommand>>("api/ops/parked", cancellationToken);

    public Task ReplayAsync(string id, CancellationToken cancellationToken) =>
        api.SendAsync<object>(HttpMethod.Post, $"api/ops/parked/{Uri.EscapeDataString(id)}/replay", cancellationToken);

    /// <summary>Has the products of the visitor's tenant written into the read model again.</summary>
    public async Task<JobState> StartResyncAsync(CancellationToken cancellationToken)
    {
        var user = SignedInUser.From(await api.GetUserAsync()) ?? throw new InvalidOperationException("Nobody is signed in.");
        var path = $"{ProductApiClient.Route}/resync-data/{Uri.EscapeDataString(user.ProductPk)}";
        return (await api.SendAsync<JobState>(HttpMethod.Put, path, cancellationToken))!;
    }

    public Task<JobState> GetJobAsync(string id, CancellationToken cancellationToken) =>
        api.GetAsync<JobState>($"{ProductApiClient.Route}/jobs/{Uri.EscapeDataString(id)}", cancellationToken);
}

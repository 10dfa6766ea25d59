using System.Globalization;
using System.Text.Json.Nodes;
using Product.Web.Identity;

namespace Product.Web.Api;

/// <summary>The products of the tenant of whoever is signed in.</summary>
public sealed class ProductApiClient(ApiConnection api)
{
    public const string Route = "api/product";

    public Task<ProductPage> SearchAsync(ProductSearch search, CancellationToken cancellationToken) =>
        api.GetAsync<ProductPage>($"{Route}/data{search.ToQuery()}", cancellationToken);

    public async Task<ProductEntity> CreateAsync(NewProduct product, CancellationToken cancellationToken) =>
        (await api.SendAsync<ProductEntity>(HttpMethod.Post, Route, cancellationToken, product))!;

    public async Task<ProductEntity> GetAsync(string sk, CancellationToken cancellationToken) =>
        await api.GetAsync<ProductEntity>(await PathAsync("data", sk), cancellationToken);

    /// <summary>Changes a part of a product, as a JSON merge patch; null if that changes nothing.</summary>
    public async Task<ProductEntity?> PatchAsync(string sk, long seen, JsonObject patch, CancellationToken cancellationToken) =>
        await api.SendAsync<ProductEntity>(HttpMethod.Patch, await PathAsync("data", sk), cancellationToken, patch, seen);

    /// <summary>Deletes softly; null if it is deleted already.</summary>
    public async Task<ProductEntity?> DeleteAsync(string sk, long seen, CancellationToken cancellationToken) =>
        await api.SendAsync<ProductEntity>(HttpMethod.Delete, await PathAsync("data", sk), cancellationToken, seen: seen);

    /// <summary>Takes a deletion back; null if there is none.</summary>
    public async Task<ProductEntity?> RestoreAsync(string sk, long seen, CancellationToken cancellationToken) =>
        await api.SendAsync<ProductEntity>(HttpMethod.Post, await PathAsync("data", sk, $"/restore"), cancellationToken, seen: seen);

    /// <summary>Makes an older version's content the newest; null if it is that already.</summary>
    public async Task<ProductEntity?> RollbackAsync(string sk, long to, long seen, CancellationToken cancellationToken) =>
        await api.SendAsync<ProductEntity>(HttpMethod.Post, await PathAsync("data", sk, $"/rollback/{to}"), cancellationToken, seen: seen);

    /// <summary>Versions, newest first; those below <paramref name="before"/> if it is given.</summary>
    public async Task<IReadOnlyList<ProductEntity>> ListHistoryAsync(string sk, int limit, long? before, CancellationToken cancellationToken)
    {
        var path = before is null ? await PathAsync("history", sk, $"?limit={limit}") : await PathAsync("history", sk, $"?limit={limit}&before={before}");
        return (await api.GetAsync<ProductVersions>(path, cancellationToken)).Items;
    }

    public async Task<ProductEntity> GetVersionAsync(string sk, long version, CancellationToken cancellationToken) =>
        await api.GetAsync<ProductEntity>(await PathAsync("history", sk, $"/{version}"), cancellationToken);

    /// <summary>Returns how far a command has come.</summary>
    public async Task<CommandState> GetCommandAsync(string sk, long version, CancellationToken cancellationToken) =>
        await api.GetAsync<CommandState>(await PathAsync("command", sk, $"/{version}"), cancellationToken);

    private async Task<string> PathAsync(string what, string sk, FormattableString? rest = null)
    {
        var user = SignedInUser.From(await api.GetUserAsync()) ?? throw new InvalidOperationException("Nobody is signed in.");
        return $"{Route}/{what}/{Uri.EscapeDataString(user.ProductPk)}/{Uri.EscapeDataString(sk)}{rest?.ToString(CultureInfo.InvariantCulture)}";
    }
}

using Aspire.Hosting.ApplicationModel;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Stores;

/// <summary>A database has no process of its own: it is there when the server lets us into it.</summary>
internal sealed class DatabaseLauncher(PostgresDatabaseResource resource) : ILauncher
{
    public Task<LaunchSpec?> PrepareAsync(ResourceInstance instance, CancellationToken cancellationToken) =>
        Task.FromResult<LaunchSpec?>(null);

    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        var database = await ((IResourceWithConnectionString)resource).GetConnectionStringAsync(cancellationToken);
        return await PostgresQuery.TryAsync(database!, _ => Task.CompletedTask, cancellationToken);
    }
}

using System.Runtime.CompilerServices;
using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace Cqrs.Operations;

/// <summary>Lists, replays and resolves the parked commands of all modules.</summary>
public sealed class ParkedCommands
{
    private const int ReadAtOnce = 10;

    private readonly IServiceProvider _services;
    private readonly IReadOnlyList<CqrsModule> _modules;

    internal ParkedCommands(IServiceProvider services, IEnumerable<CqrsModule> modules) => (_services, _modules) = (services, [.. modules]);

    /// <summary>Counts what is parked.</summary>
    public async Task<int> CountUnresolvedAsync(CancellationToken cancellationToken) => (await ListUnresolvedWithoutContentsAsync(cancellationToken)).Count;

    /// <summary>
    /// Reads what is parked, the latest first, with contents of a few commands in memory at a time. The worker takes off the list what a handler has
    /// applied since.
    /// </summary>
    public async IAsyncEnumerable<ParkedCommand> ReadUnresolvedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var all = await ListUnresolvedWithoutContentsAsync(cancellationToken);
        foreach (var some in all.OrderByDescending(parked => parked.ParkedAt).Chunk(ReadAtOnce))
        {
            var whole = await Task.WhenAll(some.Select(parked => Store(parked.Module).GetAsync(ParkedId.Read(parked.Id)!.Value.Sk, cancellationToken)));
            foreach (var parked in whole.OfType<ParkedCommand>())
            {
                yield return parked;
            }
        }
    }

    private async Task<List<ParkedCommand>> ListUnresolvedWithoutContentsAsync(CancellationToken cancellationToken)
    {
        var parked = new List<ParkedCommand>();
        foreach (var module in _modules)
        {
            parked.AddRange(await Store(module).ListWithoutContentsAsync(cancellationToken));
        }

        return parked;
    }

    /// <summary>
    /// Hands a parked command to its handler again, as the command table has it; a record of the stream that could not be read, to all. For a record
    /// whose keys could not be read either, the workers go through the whole command table.
    /// </summary>
    /// <returns>Null if there is no such command, or none any more; else the reason why it failed again, or an empty one if it went through.</returns>
    public async Task<string?> ReplayAsync(string id, CancellationToken cancellationToken)
    {
        if (ParkedId.Read(id) is not var (moduleName, sk)
            || _modules.SingleOrDefault(module => module.Name == moduleName) is not { } module
            || await Store(module).GetAsync(sk, cancellationToken) is not { } parked)
        {
            return null;
        }

        if (parked.Item is not var (key, version))
        {
            // Which command it was, nobody knows. It is in the command table: the workers are to go through all of that.
            await _services.GetRequiredService<CommandReplay>().RequestAsync(cancellationToken);
            await Store(module).ResolveAsync(parked, cancellationToken);
            return "";
        }

        CommandModel? command = null;
        try
        {
            command = await Commands(module).ReadAsync(key, version, cancellationToken);
            if (command is null)
            {
                // It was purged: what is on the list must not bring it back.
                await Store(module).ResolveAsync(parked, cancellationToken);
                return null;
            }

            await Projector(module).ReplayAsync(parked.Handler, [command], cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && !StoreFaults.IsStoreFault(failure))
        {
            if (command is not null)
            {
                await Store(module).ParkAsync(
                    parked.Handler, command, failure, parked.Attempts + 1, parked.Position, _ => Task.CompletedTask, cancellationToken);
            }

            return failure.Message.Length > 0 ? failure.Message : failure.GetType().Name;
        }

        await Store(module).ResolveAsync(parked, cancellationToken);
        return "";
    }

    internal async Task<List<ParkedCommand>> ResolveAppliedAsync(CqrsModule module, CancellationToken cancellationToken)
    {
        var parked = await Store(module).ListWithoutContentsAsync(cancellationToken);
        foreach (var byHandler in parked.Where(p => p.Item is not null).GroupBy(p => p.Handler).ToList())
        {
            var applied = await Projector(module).GetAppliedVersionsAsync(
                byHandler.Key, [.. byHandler.Select(p => p.Item!.Value.Key).Distinct()], cancellationToken);
            foreach (var done in byHandler.Where(p => applied.GetValueOrDefault(p.Item!.Value.Key) >= p.Item!.Value.Version).ToList())
            {
                await Store(module).ResolveAsync(done, cancellationToken);
                parked.Remove(done);
            }
        }

        return parked;
    }

    private ParkedStore Store(CqrsModule module) => Store(module.Name);

    private ParkedStore Store(string module) => _services.GetRequiredKeyedService<ParkedStore>(module);

    private CommandStore Commands(CqrsModule module) => _services.GetRequiredKeyedService<CommandStore>(module.Name);

    private Projector Projector(CqrsModule module) => _services.GetRequiredKeyedService<Projector>(module.Name);
}

using Cqrs.Items;
using Cqrs.Projection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cqrs.Postgres.Events;

/// <summary>Writes an event for a command that is to be parked. While Postgres is down, the command waits for it like all others.</summary>
internal sealed partial class FailedEvents(NpgsqlDataSource dataSource, ILogger<FailedEvents> logger) : IFailureObserver
{
    public async Task CommandFailedAsync(CommandModel command, string reason, CancellationToken cancellationToken)
    {
        try
        {
            // Text that Postgres cannot hold may be the very reason.
            await using var insert = EventStatements.InsertFailed(dataSource, command, reason.Replace("\0", ""));
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested && !StoreFaults.IsStoreFault(fault))
        {
            LogNotWritten(fault, command.Id, command.Version);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The event that {Id} version {Version} has failed was not written.")]
    private partial void LogNotWritten(Exception exception, string id, long version);
}

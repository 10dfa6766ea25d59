using Cqrs.Items;
using Npgsql;

namespace Cqrs.Postgres.Events;

/// <summary>How events are written.</summary>
internal static class EventStatements
{
    /// <summary>The channel of the <c>NOTIFY</c> that wakes the readers. It carries nothing: what is to be read is in the table.</summary>
    public const string Channel = "command_event";

    // Held from before ids are given until the commit, so that ids are in commit order: a reader that has seen one has seen all before it.
    private const string OneAtATime = "SELECT pg_advisory_xact_lock(7201541)";

    private const string Retention = "24 hours";

    /// <summary>
    /// Adds to a statement that returns id, tenant_code, pk, sk and version of what it changed the writing of its events. For the rows whose ids are in
    /// <c>@unannounced</c> it only remembers that an event is due; for the others it writes those that are due from before as well. A row may be ahead: it
    /// has a later version, whose event is not due yet. The version that was handed over is told of then too, once.
    /// </summary>
    /// <param name="statement">The statement.</param>
    /// <param name="ids">The parameter with the ids of all rows.</param>
    /// <param name="versions">The parameter with their versions.</param>
    public static string WithFinishedEvents(string statement, string ids, string versions) =>
        $"""
         WITH changed AS ({statement}),
         kept AS (
             INSERT INTO due_events (id, tenant_code, pk, sk, version)
             SELECT id, tenant_code, pk, sk, version FROM changed WHERE id = ANY(@unannounced)
             ON CONFLICT (id) DO UPDATE SET version = excluded.version),
         due AS (
             DELETE FROM due_events d USING unnest({ids}, {versions}) AS handed(id, version)
             WHERE d.id = handed.id AND d.version <= handed.version AND d.id <> ALL(@unannounced)
             RETURNING d.id, d.tenant_code, d.pk, d.sk, d.version),
         ahead AS (
             SELECT d.tenant_code, d.pk, d.sk, handed.version
             FROM due_events d JOIN unnest({ids}, {versions}) AS handed(id, version) ON d.id = handed.id AND d.version > handed.version
             WHERE d.id <> ALL(@unannounced) AND NOT EXISTS (
                 SELECT FROM events e
                 WHERE e.tenant_code = d.tenant_code AND e.pk = d.pk AND e.sk = d.sk AND e.version = handed.version AND e.status = 'FINISHED')),
         finished AS (
             SELECT tenant_code, pk, sk, version FROM changed WHERE id <> ALL(@unannounced)
             UNION ALL
             SELECT tenant_code, pk, sk, version FROM due WHERE NOT EXISTS (SELECT FROM changed WHERE changed.id = due.id)
             UNION ALL
             SELECT tenant_code, pk, sk, version FROM ahead),
         turn AS MATERIALIZED ({OneAtATime} FROM (SELECT count(*) AS count FROM finished) AS all_finished WHERE count > 0),
         written AS (
             INSERT INTO events (tenant_code, pk, sk, version, status)
             SELECT tenant_code, pk, sk, version, 'FINISHED' FROM turn, finished
             RETURNING id)
         SELECT pg_notify('{Channel}', '') FROM (SELECT count(*) AS count FROM written) AS all_written WHERE count > 0
         """;

    public static NpgsqlCommand InsertFailed(NpgsqlDataSource dataSource, CommandModel command, string reason)
    {
        var insert = dataSource.CreateCommand(
            $"""
             WITH turn AS MATERIALIZED ({OneAtATime}),
             written AS (
                 INSERT INTO events (tenant_code, pk, sk, version, status, reason)
                 SELECT @tenant, @pk, @sk, @version, 'FAILED', @reason FROM turn
                 RETURNING id)
             SELECT pg_notify('{Channel}', '') FROM written
             """);
        insert.Parameters.AddWithValue("tenant", command.TenantCode);
        insert.Parameters.AddWithValue("pk", command.Pk);
        insert.Parameters.AddWithValue("sk", command.Key.Sk);
        insert.Parameters.AddWithValue("version", command.Version);
        insert.Parameters.AddWithValue("reason", reason);
        return insert;
    }

    public static NpgsqlCommand DeleteOld(NpgsqlDataSource dataSource) =>
        dataSource.CreateCommand($"DELETE FROM events WHERE at < now() - interval '{Retention}'");
}

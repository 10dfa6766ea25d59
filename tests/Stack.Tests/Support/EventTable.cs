using Npgsql;

namespace StackTests.Support;

/// <summary>The table of events, without the API in between.</summary>
internal static class EventTable
{
    /// <summary>
    /// Writes many events at once, as a batch of the worker does. What they are about does not exist: it is for tests that need more events than
    /// could be published in their time.
    /// </summary>
    public static Task<int> WriteEventsAsync(this NpgsqlDataSource postgres, string tenant, int count, string reason = "made up", int perKey = 1) =>
        postgres.ExecuteAsync(
            """
            WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(7201541)),
            written AS (
                INSERT INTO events (tenant_code, pk, sk, version, status, reason)
                SELECT @tenant, 'PRODUCT#' || @tenant, 'made-up-' || (n / @perKey), n % @perKey + 1, 'FAILED', @reason
                FROM turn, generate_series(0, @count - 1) AS n
                RETURNING id)
            SELECT pg_notify('command_event', '') FROM (SELECT count(*) FROM written) AS all_written
            """,
            ("tenant", tenant),
            ("count", count),
            ("perKey", perKey),
            ("reason", reason));

    public static async Task<List<long>> EventIdsAsync(this NpgsqlDataSource postgres, string tenant, long after = 0)
    {
        await using var command = postgres.CreateCommand("SELECT id FROM events WHERE tenant_code = @tenant AND id > @after ORDER BY id");
        command.Parameters.AddWithValue("tenant", tenant);
        command.Parameters.AddWithValue("after", after);
        return await ReadAsync(command);
    }

    public static async Task<long> NewestEventIdAsync(this NpgsqlDataSource postgres)
    {
        await using var command = postgres.CreateCommand("SELECT coalesce(max(id), 0) FROM events");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static async Task<List<long>> ReadAsync(NpgsqlCommand command)
    {
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var ids = new List<long>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            ids.Add(reader.GetInt64(0));
        }

        return ids;
    }
}

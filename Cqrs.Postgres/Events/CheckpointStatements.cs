using Npgsql;

namespace Cqrs.Postgres.Events;

/// <summary>How a topic's checkpoint is locked and moved, in the transaction of the connection.</summary>
internal static class CheckpointStatements
{
    // A worker that hangs with the lock in hand is cut off by Postgres, and another goes on; publishing takes a quarter of it at most.
    private const string LongestHold = "20s";

    /// <returns>The id of the last event that was forwarded; null if there is none after it, or another worker has the lock.</returns>
    public static async Task<long?> LockAsync(NpgsqlConnection connection, string topicArn, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
             SET LOCAL idle_in_transaction_session_timeout = '{LongestHold}';
             INSERT INTO event_checkpoints (topic_arn, last_id) VALUES (@topic, 0) ON CONFLICT DO NOTHING;
             SELECT last_id FROM event_checkpoints
             WHERE topic_arn = @topic AND EXISTS (SELECT FROM events WHERE id > last_id)
             FOR UPDATE SKIP LOCKED
             """,
            connection);
        command.Parameters.AddWithValue("topic", topicArn);
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }

    public static async Task SaveAsync(NpgsqlConnection connection, string topicArn, long lastId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "UPDATE event_checkpoints SET last_id = @last, updated_at = now() WHERE topic_arn = @topic", connection);
        command.Parameters.AddWithValue("topic", topicArn);
        command.Parameters.AddWithValue("last", lastId);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

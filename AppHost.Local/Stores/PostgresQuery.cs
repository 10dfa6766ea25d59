using Aspire.Hosting;
using Npgsql;

namespace ProductAspire.Local.Stores;

/// <summary>Asks Postgres something, over a connection of its own.</summary>
internal static class PostgresQuery
{
    public static async Task<bool> TryAsync(
        string connectionString, Func<NpgsqlConnection, Task> ask, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false;Timeout=3;Command Timeout=5");
            await connection.OpenAsync(cancellationToken);
            await ask(connection);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidPassword)
        {
            throw new DistributedApplicationException(
                "Postgres has data of an earlier run, but the remembered password does not open it. Start with --fresh to begin anew.");
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return false;
        }
    }

    public static async Task CreateDatabaseAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var known = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection);
        known.Parameters.Add(new() { Value = name });
        if (await known.ExecuteScalarAsync(cancellationToken) is null)
        {
            await using var create = new NpgsqlCommand($"CREATE DATABASE \"{name.Replace("\"", "\"\"")}\"", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}

using Aspire.Hosting.ApplicationModel;
using Npgsql;

namespace ProductAspire.Stores.Postgres;

/// <summary>Asks a Postgres server over a connection of its own.</summary>
internal static class PostgresQuery
{
    private const string WrongPassword =
        "Postgres has data of an earlier run, but the remembered password does not open them. Start with --fresh to begin anew.";

    /// <summary>Returns why a database cannot be used, or null if it can.</summary>
    public static async Task<string?> FindFaultAsync(IResourceWithConnectionString resource, string database, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(resource, database, cancellationToken);
            return null;
        }
        catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.InvalidPassword)
        {
            return WrongPassword;
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException)
        {
            return fault.Message;
        }
    }

    public static async Task CreateDatabaseAsync(IResourceWithConnectionString server, string database, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(server, "postgres", cancellationToken);
        await using var known = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection);
        known.Parameters.Add(new() { Value = database });
        if (await known.ExecuteScalarAsync(cancellationToken) is null)
        {
            await using var create = new NpgsqlCommand($"CREATE DATABASE \"{database.Replace("\"", "\"\"")}\"", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(
        IResourceWithConnectionString resource, string database, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(await resource.GetConnectionStringAsync(cancellationToken))
        {
            Database = database,
            Pooling = false,
            Timeout = 3,
            CommandTimeout = 5,
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}

using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Aspire.Hosting.ApplicationModel;
using Npgsql;

namespace ProductAspire.Stores;

/// <summary>Empties stores that run.</summary>
public static class StoreContents
{
    private const string Maintenance = "postgres";

    /// <summary>Drops a database of Postgres, whoever is connected to it, and creates it again.</summary>
    /// <param name="database">The database.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>A task that ends when the database is empty.</returns>
    /// <exception cref="NpgsqlException">Postgres does not answer or refuses it.</exception>
    public static async Task EmptyDatabaseAsync(IResourceWithConnectionString database, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(await database.GetConnectionStringAsync(cancellationToken));
        var name = $"\"{settings.Database!.Replace("\"", "\"\"")}\"";
        settings.Database = Maintenance;
        settings.Pooling = false;
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        foreach (var statement in new[] { $"DROP DATABASE IF EXISTS {name} WITH (FORCE)", $"CREATE DATABASE {name}" })
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Deletes every table of a DynamoDB Local.</summary>
    /// <param name="endpoint">The endpoint of the store.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>How many tables were deleted.</returns>
    /// <exception cref="AmazonDynamoDBException">DynamoDB refuses it.</exception>
    public static async Task<int> DeleteTablesAsync(EndpointReference endpoint, CancellationToken cancellationToken)
    {
        using var client = new AmazonDynamoDBClient(
            new BasicAWSCredentials("local", "local"),
            new AmazonDynamoDBConfig { ServiceURL = endpoint.Url, AuthenticationRegion = "us-east-1" });
        var deleted = 0;
        while ((await client.ListTablesAsync(cancellationToken)).TableNames is { Count: > 0 } tables)
        {
            foreach (var table in tables)
            {
                await client.DeleteTableAsync(table, cancellationToken);
                deleted++;
            }
        }

        return deleted;
    }
}

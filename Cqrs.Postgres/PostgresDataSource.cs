using System.Diagnostics;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Cqrs.Postgres;

/// <summary>How Postgres is connected to.</summary>
internal static class PostgresDataSource
{
    // For a server that hangs, which is to cost a request its time limit and little more:
    // - Cancelling a statement takes a connection of its own, whose opening holds a thread; with GSS, which only Kerberos needs, twice.
    // - The reset of a pooled connection goes out with its next statement, and until it is answered that statement cannot be cancelled. There is
    //   nothing to reset: whatever is set here is set for a transaction, and who listens keeps the connection.
    // The connection string comes after it, and wins.
    private const string Defaults = "Timeout=5;GSS Encryption Mode=Disable;No Reset On Close=true;";

    /// <param name="configuration">Where the connection string is, by name.</param>
    /// <param name="connectionName">The name.</param>
    /// <param name="otherwise">The connection string if none is given by name.</param>
    public static NpgsqlDataSource Create(IConfiguration configuration, string connectionName, string? otherwise = null)
    {
        var connectionString = configuration.GetConnectionString(connectionName) ?? otherwise
            ?? throw new InvalidOperationException($"The connection string ConnectionStrings:{connectionName} is not set.");
        // Statements are part of a trace or of none: what the services ask on their own, every few seconds, would be traces of one statement.
        var dataSource = new NpgsqlDataSourceBuilder(Defaults + connectionString)
            .ConfigureTracing(tracing => tracing
                .ConfigureCommandFilter(_ => Activity.Current is not null)
                .ConfigureBatchFilter(_ => Activity.Current is not null));
        if (configuration.GetValue<bool>("Postgres:IamAuthentication"))
        {
            UseIamAuthentication(dataSource);
        }

        return dataSource.Build();
    }

    private static void UseIamAuthentication(NpgsqlDataSourceBuilder dataSource)
    {
        var connection = dataSource.ConnectionStringBuilder;
        if (connection.SslMode < SslMode.Require)
        {
            throw new InvalidOperationException("With Postgres:IamAuthentication the connection string must ask for TLS: the token is a password.");
        }

        var region = FallbackRegionFactory.GetRegionEndpoint()
            ?? throw new InvalidOperationException("With Postgres:IamAuthentication the environment must name the region: AWS_REGION.");
        var credentials = new Lazy<AWSCredentials>(() => DefaultAWSCredentialsIdentityResolver.GetCredentials());
        // A token of its own for each connection: signing takes no request, and a function that was frozen for long would wake up with an old one.
        dataSource.UsePasswordProvider(
            _ => Sign(credentials.Value.GetCredentials()),
            async (_, _) => Sign(await credentials.Value.GetCredentialsAsync()));

        string Sign(ImmutableCredentials now) =>
            RdsAuthToken.Create(connection.Host!, connection.Port, connection.Username!, region, now, DateTimeOffset.UtcNow);
    }
}

using System.Diagnostics;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Modules.Events;
using Npgsql;

namespace Modules.ReadModel;

/// <summary>Registers Postgres under the connection name that the AppHost gives it.</summary>
public static class ReadModelServices
{
    public const string ConnectionName = "productdb";

    public static void AddReadModel(this IHostApplicationBuilder builder) => builder.AddReadModel<ReadModelContext>();

    /// <summary>As <see cref="AddReadModel(IHostApplicationBuilder)"/>, with a context that has more rows than those of this assembly.</summary>
    public static void AddReadModel<TContext>(this IHostApplicationBuilder builder)
        where TContext : ReadModelContext
    {
        builder.Services.AddDbContextPool<ReadModelContext, TContext>((provider, options) =>
        {
            options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>());
            options.UseResilience(builder.Configuration);
            Configure(options);
        });
        builder.EnrichReadModel<TContext>();
        builder.Services.AddSingleton(_ => CreateDataSource(builder));
        builder.Services.AddSingleton(provider =>
        {
            using var scope = provider.CreateScope();
            return scope.ServiceProvider.GetRequiredService<ReadModelContext>().Model;
        });
        builder.Services.AddSingleton(typeof(RowStatements<>));
        builder.Services.AddSingleton<EventReader>();
    }

    /// <summary>The options that every context is made with, in a host or by the migration tool.</summary>
    public static void Configure(DbContextOptionsBuilder options) => options
        .UseSnakeCaseNamingConvention()
        // A command that fails throws; whoever catches it logs it. On an empty database the first look for migrations fails by design.
        .ConfigureWarnings(warnings => warnings.Log((RelationalEventId.CommandError, LogLevel.Debug)));

    private static NpgsqlDataSource CreateDataSource(IHostApplicationBuilder builder)
    {
        var connectionString = builder.Configuration.GetSection("ConnectionStrings")[ConnectionName]
            ?? throw new InvalidOperationException($"The connection string ConnectionStrings:{ConnectionName} is not set.");
        // Statements are part of a trace or of none: what the services ask on their own, every few seconds, would be traces of one statement.
        var dataSource = new NpgsqlDataSourceBuilder(connectionString)
            .ConfigureTracing(tracing => tracing
                .ConfigureCommandFilter(_ => Activity.Current is not null)
                .ConfigureBatchFilter(_ => Activity.Current is not null));
        if (builder.Configuration.GetValue<bool>("Postgres:IamAuthentication"))
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

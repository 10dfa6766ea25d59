using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Aspire.Hosting.Testing;
using Cqrs.AspNetCore.Hosting;
using Cqrs.Hosting;
using Cqrs.Notifications;
using Cqrs.Postgres;
using Cqrs.Postgres.Hosting;
using Cqrs.Streams;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Products;

namespace StackTests.Orders;

/// <summary>API and worker in one process with two modules, products and orders, over the stores of the stack: own tables, own database.</summary>
internal sealed class OrdersHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OrdersHost(WebApplication app) => _app = app;

    public HttpClient Http { get; private init; } = new();

    public static async Task<OrdersHost> StartAsync(Stack stack, CancellationToken cancellationToken, OrderIndex? index = null)
    {
        var connection = new NpgsqlConnectionStringBuilder(await stack.App.GetConnectionStringAsync("productdb", cancellationToken))
        {
            Database = $"orders{Guid.NewGuid():N}",
        };
        var config = new AmazonDynamoDBConfig { ServiceURL = stack.DynamoDbEndpoint.ToString(), AuthenticationRegion = "us-east-1" };
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Tables:Prefix"] = $"orders{Guid.NewGuid():N}-",
            ["ConnectionStrings:productdb"] = connection.ToString(),
            ["AWS_ENDPOINT_URL_DYNAMODB"] = config.ServiceURL,
        });
        builder.Services.AddSingleton(config);
        builder.Services.AddSingleton<IAmazonDynamoDB>(new AmazonDynamoDBClient(new BasicAWSCredentials("local", "local"), config));
        builder.Services.AddSingleton<IDynamoDbStreams>(new DynamoDbStreamsClient(new HttpClient(
            new AwsSigningHandler(config, "dynamodb", new BasicAWSCredentials("local", "local")) { InnerHandler = new SocketsHttpHandler() })
        {
            BaseAddress = new Uri(config.ServiceURL),
        }));
        builder.AddCqrs();
        builder.AddReadModel<OrdersContext>("productdb");
        builder.AddProducts();
        OrderModule.Add(builder.Services, index);
        builder.AddCqrsApi();
        builder.Services.AddStreamWorkers(builder.Configuration);

        var app = builder.Build();
        app.UseCqrsApi();
        app.MapProducts();
        OrderModule.Map(app);
        await CreateSchemaAsync(app, cancellationToken);
        await app.StartAsync(cancellationToken);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new OrdersHost(app) { Http = new HttpClient { BaseAddress = new Uri(address) } };
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task CreateSchemaAsync(WebApplication app, CancellationToken cancellationToken)
    {
        await app.Services.GetRequiredService<TableSetup>().EnsureTablesAsync(cancellationToken);
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ReadModelContext>().Database.EnsureCreatedAsync(cancellationToken);
        app.Services.GetRequiredService<SchemaReady>().Set();
    }
}

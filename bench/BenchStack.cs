using System.Net.Http.Headers;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using AppHostRuns;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Cqrs.Hosting;
using Cqrs.Items;
using Cqrs.Postgres.Hosting;
using Cqrs.Publishing;
using Cqrs.Streams;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Products;

namespace Bench;

/// <summary>A fresh stack of its own, and the kernel in this process over the same stores.</summary>
internal sealed class BenchStack : IAsyncDisposable
{
    public const string Worker = "product-syncworker";
    public const string Api = "product-api";
    public const string Web = "product-web";

    /// <summary>Begins the names of the tables that are written to in this process. No worker reads their streams.</summary>
    public const string InProcess = "bench-";

    private readonly IDistributedApplicationTestingBuilder _builder;

    private BenchStack(IDistributedApplicationTestingBuilder builder, DistributedApplication app, string postgres)
    {
        _builder = builder;
        App = app;
        PostgresConnection = postgres;
        Postgres = NpgsqlDataSource.Create(postgres);
        DynamoDb = new AmazonDynamoDBClient(
            new BasicAWSCredentials("local", "local"),
            new AmazonDynamoDBConfig { ServiceURL = DynamoDbEndpoint, AuthenticationRegion = "us-east-1" });
    }

    public DistributedApplication App { get; }

    public string PostgresConnection { get; }

    public NpgsqlDataSource Postgres { get; }

    public AmazonDynamoDBClient DynamoDb { get; }

    public string DynamoDbEndpoint => App.GetEndpoint("dynamodb", "http").ToString();

    public static async Task<BenchStack> StartAsync(CancellationToken cancellationToken)
    {
        var builder = await AppHostRun.CreateAsync([], cancellationToken);
        var app = await builder.BuildAsync(cancellationToken);
        await app.StartAsync(cancellationToken);
        await app.WaitUntilHealthyAsync(cancellationToken);
        var postgres = await app.GetConnectionStringAsync("productdb", cancellationToken);
        var stack = new BenchStack(builder, app, postgres!);
        await stack.PrepareTablesAsync(["", InProcess], cancellationToken);
        return stack;
    }

    /// <summary>
    /// Makes tables, and writes a first command to each: DynamoDB Local gets slow on a streamed table if others were written to before its own first item.
    /// </summary>
    public async Task PrepareTablesAsync(IEnumerable<string> prefixes, CancellationToken cancellationToken)
    {
        foreach (var prefix in prefixes)
        {
            await using var kernel = await StartKernelAsync(prefix, withWorkers: false, cancellationToken);
            await kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name)
                .PublishAsync(Sample.Create("first", Keys.GenerateSk(), 0), Sample.Options, cancellationToken);
        }
    }

    /// <summary>Stops the worker until what is returned is disposed.</summary>
    public async Task<IAsyncDisposable> WithoutWorkerAsync(CancellationToken cancellationToken)
    {
        await App.ExecuteAsync(Worker, KnownResourceCommands.StopCommand, cancellationToken);
        return new Restart(this);
    }

    /// <summary>A client of the API, with a token of a user of a tenant. There is nothing around it, as there is nothing around that of DynamoDB.</summary>
    public async Task<HttpClient> SignInAsync(string tenant, CancellationToken cancellationToken, string user = "bench")
    {
        var http = new HttpClient { BaseAddress = App.GetEndpoint(Api) };
        var token = await http.GetStringAsync($"/dev/token?user={user}&tenant={tenant}", cancellationToken);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    /// <summary>The product module in this process.</summary>
    /// <param name="prefix">Names its tables; they are created.</param>
    /// <param name="withWorkers">Whether the stream is read here too.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    public async Task<WebApplication> StartKernelAsync(string prefix, bool withWorkers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Tables:Prefix"] = prefix,
            ["ConnectionStrings:productdb"] = PostgresConnection,
            ["AWS_ENDPOINT_URL_DYNAMODB"] = DynamoDbEndpoint,
            ["urls"] = "http://127.0.0.1:0",
        });
        builder.Services.AddSingleton<IAmazonDynamoDB>(DynamoDb);
        builder.Services.AddSingleton(new AmazonDynamoDBConfig { ServiceURL = DynamoDbEndpoint, AuthenticationRegion = "us-east-1" });
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "local");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "local");
        builder.AddCqrs();
        builder.AddReadModel<ProductsContext>("productdb");
        builder.AddProducts();
        if (withWorkers)
        {
            builder.Services.AddStreamWorkers(builder.Configuration);
        }

        var host = builder.Build();
        await host.Services.GetRequiredService<TableSetup>().EnsureTablesAsync(cancellationToken);
        host.Services.GetService<SchemaReady>()?.Set();
        return host;
    }

    private sealed class Restart(BenchStack stack) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await stack.App.ExecuteAsync(Worker, KnownResourceCommands.StartCommand, CancellationToken.None);
            await stack.App.ResourceNotifications.WaitForResourceHealthyAsync(Worker, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        DynamoDb.Dispose();
        await Postgres.DisposeAsync();
        await App.DisposeAsync();
        await _builder.DisposeAsync();
    }
}

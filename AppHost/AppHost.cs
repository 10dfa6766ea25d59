// The whole application: two stores, three services, and who needs whom. Everything else about running it is in the services.
using Aspire.Hosting.AWS.DynamoDB;
using Microsoft.Extensions.Configuration;

// The stores keep their data between runs; with --fresh they start empty.
const string Fresh = "--fresh";
var keepData = !args.Contains(Fresh);

LoopbackProxy.Bypass();

var builder = DistributedApplication.CreateBuilder([.. args.Where(arg => arg != Fresh)]);

// The relational read model: search, export, jobs, events. Published, it may be a database that is there already.
IResourceBuilder<IResourceWithConnectionString> productdb = builder.HasExternalPostgres()
    ? builder.AddExternalPostgres("productdb")
    : builder.AddPostgres("postgres").WithKeptData(keepData).AddDatabase("productdb");

// Commands, data, history. Shared: every credential and region sees one database, so a developer's own tools do too.
var dynamodb = builder
    .AddAWSDynamoDBLocal("dynamodb", new DynamoDBLocalOptions
    {
        SharedDb = true,
        DisableDynamoDBLocalTelemetry = true,
        LocalStorageDirectory = keepData
            ? Directory.CreateDirectory(Path.Combine(builder.AppHostDirectory, "..", ".local", "dynamodb-container")).FullName
            : null,
    })
    .WithContainerRuntimeArgs("--user", "root") // or it cannot write to the folder above
    .WithHttpHealthCheck("/", statusCode: 400); // what DynamoDB answers to a request that is not signed

// Projects commands into the read models. It owns the schema (tables and migrations), so whoever needs the schema waits for it.
var worker = builder.AddProject<Projects.Product_SyncWorker>("product-syncworker")
    .WithReplicas(builder.Configuration.GetValue("worker-replicas", 1))
    .WithReference(productdb).WaitFor(productdb)
    .WithReference(dynamodb)
    .WithHttpHealthCheck("/health");

var api = builder.AddProject<Projects.Product_Api>("product-api")
    .WithReference(productdb)
    .WithReference(dynamodb)
    .WaitFor(worker)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints();

var web = builder.AddProject<Projects.Product_Web>("product-web")
    .WithReference(api).WaitFor(api)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("http", page => page.DisplayText = "Products");

worker.AddResyncCommand(api.GetEndpoint("http"));

if (builder.ExecutionContext.IsPublishMode)
{
    builder.AddPublished(worker, api, web);
}
else
{
    // DynamoDB Local takes any credentials, but the SDK does not sign without.
    foreach (var service in new[] { worker, api })
    {
        service
            .WithEnvironment("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", dynamodb.GetEndpoint("http"))
            .WithEnvironment("AWS_REGION", "us-east-1")
            .WithEnvironment("AWS_ACCESS_KEY_ID", "local")
            .WithEnvironment("AWS_SECRET_ACCESS_KEY", "local");
    }
}

// Ports are those of the launch profiles; PRODUCT_API_PORT, PRODUCT_SYNCWORKER_PORT and PRODUCT_WEB_PORT move them.
foreach (var service in new[] { worker, api, web })
{
    service.WithPortFromConfiguration();
}

await builder.Build().RunAsync();

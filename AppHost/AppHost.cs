// The whole application: two stores, three services, and which waits for which. Where the stores run is in AppHost.Stores.
using Microsoft.Extensions.Configuration;
using ProductAspire.Stores;

LoopbackProxy.Bypass();
var builder = DistributedApplication.CreateBuilder(Arguments.Read(args));

// The relational read model: search, export, jobs, events. Published, it may be a database that is there already.
var productdb = builder.HasExternalPostgres()
    ? builder.AddExternalPostgres("productdb")
    : builder.AddPostgresStore("postgres").AddDatabase("productdb");

// Commands, data, history.
var dynamodb = builder.AddDynamoDBStore("dynamodb");

// Projects commands into the read models. It owns the schema (tables and migrations); the API is not ready before there are tables.
var worker = builder.AddProject<Projects.Product_SyncWorker>("product-syncworker")
    .WithReplicas(builder.Configuration.GetValue("worker-replicas", 1))
    .WithReference(productdb).WaitFor(productdb)
    .WithDynamoDB(dynamodb)
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", url => url.DisplayText = "Health");

var api = builder.AddProject<Projects.Product_Api>("product-api")
    .WithReference(productdb)
    .WithDynamoDB(dynamodb)
    .WaitForStart(worker)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("http", url => (url.DisplayText, url.Url) = ("API reference", "/scalar"));

var web = builder.AddProject<Projects.Product_Web>("product-web")
    .WithReference(api).WaitForStart(api)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("http", url => url.DisplayText = "Products");

// Ports are those of the launch profiles; PRODUCT_API_PORT, PRODUCT_SYNCWORKER_PORT and PRODUCT_WEB_PORT move them.
worker.WithLocalPort();
api.WithLocalPort();
web.WithLocalPort();

if (builder.ExecutionContext.IsPublishMode)
{
    builder.AddPublished(worker, api, web);
}
else
{
    api.WithSampleDataCommand();
    api.WithReplayParkedCommand();
    worker.WithResyncCommand(api);
    worker.WithEmptyStoresCommand(productdb, dynamodb, api);
}

return await builder.RunAsync();

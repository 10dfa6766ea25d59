using Amazon.CDK;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>The whole application on AWS. Each part stands in a file of its own.</summary>
public sealed class ProductStack : Stack
{
    public ProductStack(Construct scope, Settings settings)
        : base(scope, settings.StackName, new StackProps
        {
            Description = "ProductAspire: CQRS on DynamoDB, with a read model in Postgres",
            TerminationProtection = true,
        })
    {
        var address = new Address(this);
        var network = new Network(this);
        var alerts = new AlertTopic(this, settings);

        // The stores. Commands, data and history; the relational read model, behind a proxy.
        var tables = new Tables(this, settings);
        var database = new Database(this, network);

        // The provider that signs people in, and whose tokens the API takes.
        var identity = new Identity(this, settings, address);

        // Does what must not be done twice at once or has to go on in between: schema, jobs, sweeps, events. It comes first, because it migrates.
        var platform = new Platform(this, settings, network, tables, database);
        var worker = new WorkerService(platform, alerts);

        // Reads the streams and projects them: Lambda's event source mapping is the engine that scales it out.
        var sync = new SyncFunction(platform, alerts);
        sync.Node.AddDependency(worker.Container.Deployed);

        var api = new ApiService(platform, identity);
        api.Container.Service.Node.AddDependency(worker.Container.Deployed);
        var web = new WebService(platform, identity, api);

        var entrance = new PublicLoadBalancer(this, network, address, api, web);
        _ = new Alarms(this, alerts, entrance, api, web, worker, sync, database);

        Say("Url", address.Url);
        Say("LoadBalancer", entrance.LoadBalancer.LoadBalancerDnsName);
        Say("UserPoolId", identity.Pool.UserPoolId);
        Say("UserPoolClientId", identity.Client.UserPoolClientId);
        Say("SignInUrl", identity.Domain.BaseUrl());
        Say("DatabaseProxy", database.Proxy.Endpoint);
        Say("DatabaseSecret", database.Cluster.Secret!.SecretArn);
        Say("FailureQueue", sync.Failures.QueueUrl);
        Say("AlarmTopic", alerts.Topic.TopicArn);
        Say("CommandTables", Fn.Join(",", [.. tables.Commands.Select(table => table.TableName)]));
    }

    private void Say(string name, string value) => _ = new CfnOutput(this, name, new CfnOutputProps { Value = value });
}

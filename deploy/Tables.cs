using Amazon.CDK;
using Amazon.CDK.AWS.DynamoDB;
using Amazon.CDK.AWS.IAM;
using Constructs;
using Cqrs;
using Microsoft.AspNetCore.Builder;
using Modules;

namespace ProductAspire.Deploy;

/// <summary>The tables of the modules, as the kernel says what they are: <see cref="TableSpec"/>.</summary>
public sealed class Tables : Construct
{
    private static readonly string[] Reads = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];

    private static readonly string[] Writes =
        ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem"];

    private readonly Dictionary<string, Table> _tables;
    private readonly TableNames _names;
    private readonly IReadOnlyList<CqrsModule> _modules = Modules();

    public Tables(Construct scope, Settings settings)
        : base(scope, "Tables")
    {
        _names = new(settings.TablePrefix);
        _tables = TableSpec.All(_names, _modules).ToDictionary(spec => spec.Name, spec => Create(spec, spec.Name[settings.TablePrefix.Length..]));
    }

    public IEnumerable<Table> Commands => _modules.Select(module => _tables[_names.Command(module)]);

    private IEnumerable<Table> Data => _modules.Select(module => _tables[_names.Data(module)]);

    private IEnumerable<Table> History => _modules.Select(module => _tables[_names.History(module)]);

    private IEnumerable<Table> Unique => _modules.Select(module => _tables[_names.Unique(module)]);

    private Table Session => _tables[_names.Session];

    private Table Parked => _tables[_names.Parked];

    private Table StreamLease => _tables[_names.StreamLease];

    /// <summary>The modules that the services have.</summary>
    public static IReadOnlyList<CqrsModule> Modules()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.AddModules();
        return builder.Services.GetCqrsModules();
    }

    /// <summary>The API publishes, reads, and purges; of the stream it sees who reads it.</summary>
    public void GrantApi(IGrantable api)
    {
        Allow(api, [.. Commands, .. Data, .. History, .. Unique, Session, Parked], [.. Reads, .. Writes]);
        Allow(api, Commands, ["dynamodb:DescribeTable"]);
        Allow(api, [StreamLease], ["dynamodb:Query"]);
    }

    /// <summary>The worker replays commands and mends what was made of them. Of a command it changes only the mark of a failure.</summary>
    public void GrantWorker(IGrantable worker)
    {
        GrantProjection(worker);
        Allow(worker, Commands, ["dynamodb:Scan"]);
        Allow(worker, [StreamLease], [.. Reads, .. Writes]);
        Allow(worker, _tables.Values, ["dynamodb:DescribeTable"]);
    }

    /// <summary>Whoever projects reads commands, and writes what is made of them. It adds no command, and removes what came too late for a purge.</summary>
    public void GrantProjection(IGrantable projection)
    {
        Allow(projection, Commands, [.. Reads, "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"]);
        Allow(projection, [.. Data, .. History, .. Unique, Session, Parked], [.. Reads, .. Writes]);
    }

    private static void Allow(IGrantable who, IEnumerable<Table> tables, string[] actions) =>
        who.GrantPrincipal.AddToPrincipalPolicy(new PolicyStatement(new PolicyStatementProps
        {
            Actions = actions,
            Resources = [.. tables.Select(table => table.TableArn)],
        }));

    private Table Create(TableSpec spec, string id) => new(this, id, new TableProps
    {
        TableName = spec.Name,
        PartitionKey = new Amazon.CDK.AWS.DynamoDB.Attribute { Name = "pk", Type = AttributeType.STRING },
        SortKey = new Amazon.CDK.AWS.DynamoDB.Attribute { Name = "sk", Type = AttributeType.STRING },
        BillingMode = BillingMode.PAY_PER_REQUEST,
        Stream = spec.HasStream ? StreamViewType.NEW_IMAGE : null,
        TimeToLiveAttribute = spec.HasTtl ? TableSpec.TtlAttribute : null,
        Encryption = TableEncryption.AWS_MANAGED,
        PointInTimeRecovery = true,
        DeletionProtection = true,
        RemovalPolicy = RemovalPolicy.RETAIN,
    });
}

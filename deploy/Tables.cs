using Amazon.CDK;
using Amazon.CDK.AWS.DynamoDB;
using Amazon.CDK.AWS.IAM;
using Constructs;
using Cqrs.Hosting;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Products;

namespace ProductAspire.Deploy;

/// <summary>The tables of the modules, as the kernel says what they are: <see cref="TableSpec"/>.</summary>
public sealed class Tables : Construct
{
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

    /// <summary>The modules that the services have.</summary>
    public static IReadOnlyList<CqrsModule> Modules()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.AddProducts();
        return builder.Services.GetCqrsModules();
    }

    /// <summary>Lets a service do what it has to.</summary>
    public void Grant(IGrantable who, Rights rights)
    {
        Allow(who, _modules.Select(_names.Command), rights.Command);
        Allow(who, _modules.Select(_names.Data), rights.Data);
        Allow(who, _modules.Select(_names.History), rights.History);
        Allow(who, _modules.Select(_names.Unique), rights.Unique);
        Allow(who, [_names.Session], rights.Session);
        Allow(who, [_names.Parked], rights.Parked);
        Allow(who, [_names.StreamLease], rights.StreamLease);
    }

    private void Allow(IGrantable who, IEnumerable<string> tables, IReadOnlyList<string> actions)
    {
        if (actions.Count > 0)
        {
            who.GrantPrincipal.AddToPrincipalPolicy(new PolicyStatement(new PolicyStatementProps
            {
                Actions = [.. actions],
                Resources = [.. tables.Select(name => _tables[name].TableArn)],
            }));
        }
    }

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

using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.RDS;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>
/// The relational read model: Aurora Serverless v2 in subnets without a way out, with a standby in the other zone. Services reach it by the proxy
/// alone, with a token that their role signs; the only password is between the proxy and the database.
/// </summary>
public sealed class Database : Construct
{
    private const string DatabaseName = "productdb";
    private const string User = "product";
    private const int Port = 5432;

    public Database(Construct scope, Network network)
        : base(scope, "Database")
    {
        Cluster = new DatabaseCluster(this, "Cluster", new DatabaseClusterProps
        {
            Engine = DatabaseClusterEngine.AuroraPostgres(new AuroraPostgresClusterEngineProps { Version = AuroraPostgresEngineVersion.Of("16.8", "16") }),
            Credentials = Credentials.FromGeneratedSecret(User),
            DefaultDatabaseName = DatabaseName,
            Vpc = network.Vpc,
            VpcSubnets = Network.Stores,
            SecurityGroups = [network.Closed(this, "ClusterSecurity", "Aurora")],
            Writer = ClusterInstance.ServerlessV2("Writer", new ServerlessV2ClusterInstanceProps { PubliclyAccessible = false, EnablePerformanceInsights = true }),
            Readers = [ClusterInstance.ServerlessV2("Standby", new ServerlessV2ClusterInstanceProps
            {
                PubliclyAccessible = false,
                EnablePerformanceInsights = true,
                // As large as the writer, or it could not take its place.
                ScaleWithWriter = true,
            })],
            ServerlessV2MinCapacity = 0.5,
            ServerlessV2MaxCapacity = MaxCapacity,
            Parameters = new Dictionary<string, string> { ["rds.force_ssl"] = "1" },
            StorageEncrypted = true,
            Backup = new BackupProps { Retention = Duration.Days(14) },
            CopyTagsToSnapshot = true,
            DeletionProtection = true,
            RemovalPolicy = RemovalPolicy.SNAPSHOT,
        });
        Proxy = Cluster.AddProxy("Proxy", new DatabaseProxyOptions
        {
            DbProxyName = $"{Stack.Of(this).StackName.ToLowerInvariant()}-proxy",
            Secrets = [Cluster.Secret!],
            Vpc = network.Vpc,
            VpcSubnets = Network.Stores,
            IamAuth = true,
            RequireTLS = true,
            SecurityGroups = [network.Closed(this, "ProxySecurity", "RDS Proxy")],
        });
    }

    public static double MaxCapacity => 16;

    public DatabaseCluster Cluster { get; }

    public DatabaseProxy Proxy { get; }

    /// <summary>Lets a service connect, and says to it how.</summary>
    /// <param name="service">Whose network interfaces are let in.</param>
    /// <param name="role">Whose tokens are.</param>
    public void Grant(IConnectable service, IGrantable role)
    {
        Proxy.Connections.AllowFrom(service, Amazon.CDK.AWS.EC2.Port.Tcp(Port));
        Proxy.GrantConnect(role, User);
    }

    /// <summary>How a service connects.</summary>
    /// <param name="poolSize">How many connections one instance of it may hold; the proxy shares those to the database among all.</param>
    public Dictionary<string, string> Environment(int poolSize) => new()
    {
        // The proxy's certificate is of a public authority. It keeps no state of a session that had to be reset, and would pin each connection for it.
        ["ConnectionStrings__productdb"] =
            $"Host={Proxy.Endpoint};Port={Port};Database={DatabaseName};Username={User};SSL Mode=VerifyFull;GSS Encryption Mode=Disable;"
            + $"No Reset On Close=true;Keepalive=60;Maximum Pool Size={poolSize}",
        ["Postgres__IamAuthentication"] = "true",
    };
}

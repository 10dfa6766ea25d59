using Npgsql;

namespace DeployTests;

/// <summary>The relational read model and the way to it.</summary>
public sealed class DatabaseTests(Synthesis synthesis)
{
    private Template Template => synthesis.Template;

    private Resource Cluster => Template.Single("AWS::RDS::DBCluster");

    [Fact]
    public void It_is_Aurora_Serverless_v2_encrypted_backed_up_and_protected()
    {
        Assert.Equal("aurora-postgresql", Cluster.Text("Engine"));
        Assert.NotNull(Cluster["ServerlessV2ScalingConfiguration"]);
        Assert.True(Cluster.IsTrue("StorageEncrypted"));
        Assert.True(Cluster.IsTrue("DeletionProtection"));
        Assert.InRange(Cluster["BackupRetentionPeriod"]!.GetValue<int>(), 7, 35);
        Assert.Equal("Snapshot", Cluster.Json["DeletionPolicy"]!.GetValue<string>());
    }

    [Fact]
    public void No_instance_of_it_is_public_and_one_stands_by()
    {
        var instances = Template.Of("AWS::RDS::DBInstance").ToList();

        Assert.Equal(2, instances.Count);
        Assert.All(instances, instance =>
        {
            Assert.False(instance["PubliclyAccessible"]!.GetValue<bool>());
            Assert.Equal("db.serverless", instance.Text("DBInstanceClass"));
        });
    }

    [Fact]
    public void It_takes_connections_by_TLS_only_and_the_proxy_only_with_a_token()
    {
        Assert.Equal("1", Template.Named(Cluster["DBClusterParameterGroupName"])["Parameters"]!["rds.force_ssl"]!.GetValue<string>());
        var proxy = Template.Single("AWS::RDS::DBProxy");
        Assert.True(proxy.IsTrue("RequireTLS"));
        Assert.All(proxy["Auth"]!.AsArray(), auth => Assert.Equal("REQUIRED", auth!["IAMAuth"]!.GetValue<string>()));
    }

    [Fact]
    public void Its_password_is_made_and_kept_by_the_secret_and_stands_nowhere_else()
    {
        Assert.NotNull(Template.Single("AWS::SecretsManager::Secret")["GenerateSecretString"]);
        Assert.Contains("resolve:secretsmanager", Template.Flat(Cluster["MasterUserPassword"]), StringComparison.Ordinal);
        Assert.All(Connections(), connection => Assert.Null(connection.Password));
    }

    [Fact]
    public void Services_connect_to_the_proxy_and_make_sure_that_it_is_the_proxy()
    {
        var connections = Connections().ToList();

        Assert.Equal(3, connections.Count);
        Assert.All(connections, connection =>
        {
            Assert.Equal("proxy", connection.Host);
            Assert.Equal(SslMode.VerifyFull, connection.SslMode);
            Assert.Equal("product", connection.Username);
            Assert.Equal("productdb", connection.Database);
        });
    }

    // Read by the driver itself, so that a name it does not know is found.
    private IEnumerable<NpgsqlConnectionStringBuilder> Connections()
    {
        var template = Template;
        var endpoint = $$"""{"Fn::GetAtt":["{{template.Single("AWS::RDS::DBProxy").Id}}","Endpoint"]}""";
        var settings = template.Of("AWS::ECS::TaskDefinition").SelectMany(task => task["ContainerDefinitions"]![0]!["Environment"]!.AsArray())
            .Where(variable => variable!["Name"]!.GetValue<string>() == "ConnectionStrings__productdb")
            .Select(variable => variable!["Value"])
            .Append(template.Single("AWS::Lambda::Function")["Environment"]!["Variables"]!["ConnectionStrings__productdb"]);
        return settings.Select(value => new NpgsqlConnectionStringBuilder(
            string.Concat(value!["Fn::Join"]![1]!.AsArray().Select(part => part!.ToJsonString() == endpoint ? "proxy" : part.GetValue<string>()))));
    }
}

namespace DeployTests;

/// <summary>The services on Fargate.</summary>
public sealed class ServiceTests(Synthesis synthesis)
{
    private const string TargetGroup = "AWS::ElasticLoadBalancingV2::TargetGroup";

    private Template Template => synthesis.Template;

    [Fact]
    public void API_and_web_run_twice_and_grow_with_the_load()
    {
        var targets = Template.Of("AWS::ApplicationAutoScaling::ScalableTarget").ToList();

        Assert.Equal(2, targets.Count);
        Assert.All(targets, target =>
        {
            Assert.True(target["MinCapacity"]!.GetValue<int>() >= 2);
            Assert.True(target["MaxCapacity"]!.GetValue<int>() > target["MinCapacity"]!.GetValue<int>());
            Assert.Contains(Template.Of("AWS::ApplicationAutoScaling::ScalingPolicy"), policy => Template.Target(policy["ScalingTargetId"]) == target.Id);
        });
    }

    [Fact]
    public void A_version_that_does_not_become_healthy_is_rolled_back_and_no_replica_is_missing_meanwhile() => Assert.All(
        Template.Of("AWS::ECS::Service"),
        service =>
        {
            var deployment = service["DeploymentConfiguration"]!;
            Assert.True(deployment["DeploymentCircuitBreaker"]!["Rollback"]!.GetValue<bool>());
            Assert.Equal(100, deployment["MinimumHealthyPercent"]!.GetValue<int>());
        });

    [Fact]
    public void Replicas_get_requests_only_while_they_are_ready()
    {
        Assert.Equal(2, Template.Of(TargetGroup).Count());
        Assert.All(Template.Of(TargetGroup), group => Assert.Equal("/health", group.Text("HealthCheckPath")));
        var worker = Template.In("PlatformWorker", "AWS::ECS::TaskDefinition")["ContainerDefinitions"]![0]!["HealthCheck"]!["Command"]!;
        Assert.Contains("http://127.0.0.1:8080/health", worker.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_visitor_stays_with_one_replica_of_the_web_and_any_replica_answers_for_the_API()
    {
        Assert.Equal("true", Attribute("PublicLoadBalancerHttpsWeb", "stickiness.enabled"));
        Assert.Equal("false", Attribute("PublicLoadBalancerHttpsApi", "stickiness.enabled"));
    }

    [Fact]
    public void Replicas_of_the_web_share_the_keys_of_their_cookies_in_an_encrypted_folder_that_only_they_may_mount()
    {
        var files = Template.Single("AWS::EFS::FileSystem");
        var task = Template.In("PlatformWeb", "AWS::ECS::TaskDefinition");
        var volume = task["Volumes"]![0]!["EFSVolumeConfiguration"]!;
        var mount = task["ContainerDefinitions"]![0]!["MountPoints"]![0]!;

        Assert.True(files.IsTrue("Encrypted"));
        Assert.Equal(files.Id, Template.Target(volume["FilesystemId"]));
        Assert.Equal("ENABLED", volume["TransitEncryption"]!.GetValue<string>());
        Assert.Equal("ENABLED", volume["AuthorizationConfig"]!["IAM"]!.GetValue<string>());
        Assert.Equal(Template.EnvironmentOf("PlatformWeb")["DataProtection__KeysFolder"], mount["ContainerPath"]!.GetValue<string>());
        var statement = Assert.Single(Template.Statements(), statement => statement.Owner == files);
        Assert.Equal(Template.TaskRole("PlatformWeb").Id, Template.Target(statement.Json["Principal"]!["AWS"]));
        Assert.Equal("1654", Template.Single("AWS::EFS::AccessPoint")["PosixUser"]!["Uid"]!.GetValue<string>());
    }

    [Fact]
    public void The_web_calls_the_API_under_the_name_that_the_API_has_in_the_cluster()
    {
        var alias = Template.In("PlatformApi", "AWS::ECS::Service")["ServiceConnectConfiguration"]!["Services"]![0]!["ClientAliases"]![0]!;

        Assert.Equal(
            $"http://{alias["DnsName"]!.GetValue<string>()}:{alias["Port"]!.GetValue<int>()}", Template.EnvironmentOf("PlatformWeb")["services__product-api__http__0"]);
        Assert.True(Template.In("PlatformWeb", "AWS::ECS::Service")["ServiceConnectConfiguration"]!["Enabled"]!.GetValue<bool>());
    }

    [Fact]
    public void No_service_runs_as_in_Development() => Assert.All(
        new[] { "PlatformApi", "PlatformWorker", "PlatformWeb" },
        service => Assert.DoesNotContain("ASPNETCORE_ENVIRONMENT", Template.EnvironmentOf(service).Keys));

    [Fact]
    public void Every_log_is_kept_for_a_while_and_not_for_ever()
    {
        var groups = Template.Of("AWS::Logs::LogGroup").ToList();

        Assert.Equal(5, groups.Count);
        Assert.All(groups, group => Assert.InRange(group["RetentionInDays"]!.GetValue<int>(), 7, 365));
        Assert.All(
            Template.Of("AWS::ECS::TaskDefinition"),
            task => Assert.Contains(
                Template.Target(task["ContainerDefinitions"]![0]!["LogConfiguration"]!["Options"]!["awslogs-group"]), groups.Select(group => group.Id)));
        Assert.Contains(Template.Target(Template.Single("AWS::Lambda::Function")["LoggingConfig"]!["LogGroup"]), groups.Select(group => group.Id));
    }

    [Fact]
    public void Telemetry_goes_where_it_is_told_to()
    {
        Assert.DoesNotContain("OTEL_EXPORTER_OTLP_ENDPOINT", Template.EnvironmentOf("PlatformApi").Keys);
        var told = synthesis.Synthesize(new ProductAspire.Deploy.Settings { StackName = "Traced", OtlpEndpoint = "http://collector:4317" });
        Assert.All(
            new[] { "PlatformApi", "PlatformWorker", "PlatformWeb" },
            service => Assert.Equal("http://collector:4317", told.EnvironmentOf(service)["OTEL_EXPORTER_OTLP_ENDPOINT"]));
    }

    [Fact]
    public void Who_deploys_is_told_where_everything_is() => Assert.Superset(
        new HashSet<string> { "Url", "LoadBalancer", "UserPoolId", "UserPoolClientId", "SignInUrl", "DatabaseProxy", "FailureQueue", "AlarmTopic", "CommandTables" },
        Template.Json["Outputs"]!.AsObject().Select(output => output.Key).ToHashSet());

    private string Attribute(string group, string key) => Template.In(group, TargetGroup)["TargetGroupAttributes"]!.AsArray()
        .Single(attribute => attribute!["Key"]!.GetValue<string>() == key)!["Value"]!.GetValue<string>();
}

namespace DeployTests;

/// <summary>What can be reached from where.</summary>
public sealed class NetworkTests(Synthesis synthesis)
{
    private const string Group = "AWS::EC2::SecurityGroup";

    private Template Template => synthesis.Template;

    private Resource Balancer => Template.Single("AWS::ElasticLoadBalancingV2::LoadBalancer");

    [Fact]
    public void Only_the_load_balancer_lets_the_world_in_and_only_by_HTTP_and_HTTPS()
    {
        var open =
            from resource in Template.Resources
            from rule in resource.Type == Group ? Template.Many(resource["SecurityGroupIngress"]) : resource.Type == $"{Group}Ingress" ? [resource.Properties] : []
            where rule["CidrIp"] is not null || rule["CidrIpv6"] is not null || rule["SourcePrefixListId"] is not null
            select (resource.Id, Port: rule["FromPort"]!.GetValue<int>(), To: rule["ToPort"]!.GetValue<int>());

        var balancer = Template.Target(Balancer["SecurityGroups"]![0])!;
        Assert.Equal([(balancer, 80, 80), (balancer, 443, 443)], open.OrderBy(rule => rule.Port));
    }

    [Fact]
    public void The_proxy_is_reached_by_the_services_that_need_it_and_the_database_by_the_proxy_alone()
    {
        var proxy = Template.Target(Template.Single("AWS::RDS::DBProxy")["VpcSecurityGroupIds"]![0])!;
        var database = Template.Target(Template.Single("AWS::RDS::DBCluster")["VpcSecurityGroupIds"]![0])!;

        Assert.Equal(
            new[] { GroupOf("PlatformApi"), GroupOf("PlatformWorker"), Template.Target(Template.Single("AWS::Lambda::Function")["VpcConfig"]!["SecurityGroupIds"]![0]) }
                .Order(StringComparer.Ordinal),
            LetInto(proxy).Order(StringComparer.Ordinal));
        Assert.Equal([proxy], LetInto(database));
    }

    [Fact]
    public void The_API_is_reached_by_the_load_balancer_and_the_web_and_the_worker_by_nobody()
    {
        var balancer = Template.Target(Balancer["SecurityGroups"]![0])!;

        Assert.Equal(
            new[] { balancer, GroupOf("PlatformWeb") }.Order(StringComparer.Ordinal), LetInto(GroupOf("PlatformApi")).Order(StringComparer.Ordinal));
        Assert.Equal([balancer], LetInto(GroupOf("PlatformWeb")));
        Assert.Empty(LetInto(GroupOf("PlatformWorker")));
    }

    [Fact]
    public void Services_and_stores_have_no_public_address()
    {
        Assert.All(Template.Of("AWS::ECS::Service"), service =>
        {
            var network = service["NetworkConfiguration"]!["AwsvpcConfiguration"]!;
            Assert.Equal("DISABLED", network["AssignPublicIp"]!.GetValue<string>());
            Assert.All(network["Subnets"]!.AsArray(), subnet => Assert.Equal("Private", KindOf(subnet)));
        });
        Assert.All(Template.Single("AWS::Lambda::Function")["VpcConfig"]!["SubnetIds"]!.AsArray(), subnet => Assert.Equal("Private", KindOf(subnet)));
        Assert.All(Template.Single("AWS::RDS::DBSubnetGroup")["SubnetIds"]!.AsArray(), subnet => Assert.Equal("Isolated", KindOf(subnet)));
        Assert.All(Template.Single("AWS::RDS::DBProxy")["VpcSubnetIds"]!.AsArray(), subnet => Assert.Equal("Isolated", KindOf(subnet)));
        Assert.All(Template.Of("AWS::EFS::MountTarget"), target => Assert.Equal("Isolated", KindOf(target["SubnetId"])));
        Assert.All(Template.Of("AWS::EC2::Subnet"), subnet => Assert.False(subnet.IsTrue("MapPublicIpOnLaunch")));
    }

    [Fact]
    public void The_subnets_of_the_database_have_no_way_out()
    {
        var isolated = Template.Of("AWS::EC2::Subnet").Where(subnet => KindOf(subnet) == "Isolated").Select(subnet => subnet.Id).ToHashSet();
        var tables = Template.Of("AWS::EC2::SubnetRouteTableAssociation")
            .Where(association => isolated.Contains(Template.Target(association["SubnetId"])!))
            .Select(association => Template.Target(association["RouteTableId"])!)
            .ToHashSet();

        Assert.Equal(2, tables.Count);
        Assert.DoesNotContain(Template.Of("AWS::EC2::Route"), route => tables.Contains(Template.Target(route["RouteTableId"])!));
    }

    [Fact]
    public void What_goes_to_DynamoDB_stays_inside() => Assert.Contains(
        Template.Of("AWS::EC2::VPCEndpoint"),
        endpoint => endpoint.Text("VpcEndpointType") == "Gateway" && Template.Flat(endpoint["ServiceName"]).Contains(".dynamodb", StringComparison.Ordinal));

    [Fact]
    public void HTTP_is_sent_on_to_HTTPS_which_has_the_certificate_and_knows_one_domain()
    {
        var listeners = Template.Of("AWS::ElasticLoadBalancingV2::Listener").ToDictionary(listener => listener["Port"]!.GetValue<int>());
        Assert.Equal([80, 443], listeners.Keys.Order());

        var redirect = listeners[80]["DefaultActions"]![0]!["RedirectConfig"]!;
        Assert.Equal(("HTTPS", "HTTP_301"), (redirect["Protocol"]!.GetValue<string>(), redirect["StatusCode"]!.GetValue<string>()));

        var https = listeners[443];
        Assert.Equal("HTTPS", https.Text("Protocol"));
        Assert.StartsWith("ELBSecurityPolicy-TLS13-1-2", https.Text("SslPolicy"), StringComparison.Ordinal);
        Assert.Equal("CertificateArn", Template.Target(https["Certificates"]![0]!["CertificateArn"]));
        Assert.Equal("404", https["DefaultActions"]![0]!["FixedResponseConfig"]!["StatusCode"]!.GetValue<string>());

        var rules = Template.Of("AWS::ElasticLoadBalancingV2::ListenerRule").OrderBy(rule => rule["Priority"]!.GetValue<int>()).ToList();
        Assert.All(rules, rule => Assert.Contains(
            rule["Conditions"]!.AsArray(), condition => Template.Target(condition!["HostHeaderConfig"]?["Values"]?[0]) == "Domain"));
        Assert.Contains("/api/*", rules[0].Properties.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(2, rules.Count);
    }

    [Fact]
    public void The_load_balancer_is_protected() => Assert.Superset(
        new HashSet<(string, string)> { ("deletion_protection.enabled", "true"), ("routing.http.drop_invalid_header_fields.enabled", "true") },
        Balancer["LoadBalancerAttributes"]!.AsArray().Select(one => (one!["Key"]!.GetValue<string>(), one["Value"]!.GetValue<string>())).ToHashSet());

    private string GroupOf(string part) =>
        Template.Target(Template.In(part, "AWS::ECS::Service")["NetworkConfiguration"]!["AwsvpcConfiguration"]!["SecurityGroups"]![0])!;

    private IEnumerable<string?> LetInto(string id) => Template.Of($"{Group}Ingress")
        .Where(rule => Template.Target(rule["GroupId"]) == id)
        .Select(rule => Template.Target(rule["SourceSecurityGroupId"]));

    private string KindOf(System.Text.Json.Nodes.JsonNode? subnet) => KindOf(Template.Named(subnet));

    private static string KindOf(Resource subnet) => subnet["Tags"]!.AsArray()
        .Single(tag => tag!["Key"]!.GetValue<string>() == "aws-cdk:subnet-type")!["Value"]!.GetValue<string>();
}

using Microsoft.Extensions.Configuration;

/// <summary>
/// Adds the parts that a published application needs and a run on one machine does not. <c>PUBLISH_TO</c> in the environment says where it goes: <c>aws</c> is
/// Fargate, by Aspire's CDK environment, and Postgres is one that is there; <c>azure</c> is Container Apps, by azd, and Postgres with it. Without, the
/// manifest is for whoever reads it. DynamoDB is on AWS in any case.
/// </summary>
internal static partial class Publishing
{
    private const string ExternalConnection = "productdb-connection";
    private const string Certificate = "web-certificate-arn";

    public static bool IsForAws(this IDistributedApplicationBuilder builder) =>
        builder.ExecutionContext.IsPublishMode && IsTarget(builder, "aws");

    // azd sets that variable when it has a manifest made. It fails on resources that it does not know, as the tables are.
    private static bool IsForAzd(IDistributedApplicationBuilder builder) =>
        builder.Configuration["PUBLISH_TO"] is { Length: > 0 }
            ? IsTarget(builder, "azure")
            : builder.Configuration["ASPIRE_SUPPRESS_CLI_RUN_HOOK"] is "true" or "1";

    private static bool IsTarget(IDistributedApplicationBuilder builder, string target) =>
        string.Equals(builder.Configuration["PUBLISH_TO"], target, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns a Postgres that is there already: its connection string is asked for when it is deployed.</summary>
    public static bool HasExternalPostgres(this IDistributedApplicationBuilder builder) =>
        builder.IsForAws()
        || (builder.ExecutionContext.IsPublishMode && builder.Configuration.GetValue<bool>("EXTERNAL_POSTGRES"));

    public static IResourceBuilder<IResourceWithConnectionString> AddExternalPostgres(this IDistributedApplicationBuilder builder, string name)
    {
        var connection = builder.AddParameter(ExternalConnection, secret: true);
        return builder.AddConnectionString(name, ReferenceExpression.Create($"{connection}"));
    }

    public static void AddPublished(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ProjectResource> worker,
        IResourceBuilder<ProjectResource> api,
        IResourceBuilder<ProjectResource> web)
    {
        if (!IsForAzd(builder))
        {
            AddTables(builder);
        }

        var region = builder.AddParameter("aws-region", "us-east-1", publishValueAsDefault: true);
        var prefix = builder.AddParameter("table-prefix", "prod-", publishValueAsDefault: true);
        foreach (var service in new[] { worker, api })
        {
            service.WithEnvironment("AWS_REGION", region).WithEnvironment("Tables__Prefix", prefix);
        }

        // Outside of Development nothing starts without an issuer of tokens.
        var authority = builder.AddParameter("token-authority");
        api
            .WithEnvironment("Authentication__Schemes__Bearer__Authority", authority)
            .WithEnvironment("Authentication__Schemes__Bearer__ValidAudiences__0", builder.AddParameter("token-audience"));
        web
            .WithEnvironment("Authentication__Schemes__OpenIdConnect__Authority", authority)
            .WithEnvironment("Authentication__Schemes__OpenIdConnect__ClientId", builder.AddParameter("web-client-id"))
            .WithEnvironment("Authentication__Schemes__OpenIdConnect__ClientSecret", builder.AddParameter("web-client-secret", secret: true));

        if (builder.IsForAws())
        {
            // Of what a service is told, the environment passes on texts and parameters, but no connection strings.
            var connection = builder.CreateResourceBuilder(
                builder.Resources.OfType<ParameterResource>().Single(parameter => parameter.Name == ExternalConnection));
            worker.WithEnvironment("ConnectionStrings__productdb", connection);
            api.WithEnvironment("ConnectionStrings__productdb", connection);
            builder.AddParameter(Certificate);
            var isAdded = false;
            AddFargate(builder, worker, api, web, ref isAdded);
            if (!isAdded)
            {
                builder.Eventing.Subscribe<BeforeStartEvent>((_, _) => throw new DistributedApplicationException(
                    "PUBLISH_TO=aws needs Aspire.Hosting.AWS. Build the AppHost with -p:AwsHosting=true."));
            }
        }
        else
        {
            var keyId = builder.AddParameter("aws-access-key-id", secret: true);
            var key = builder.AddParameter("aws-secret-access-key", secret: true);
            foreach (var service in new[] { worker, api })
            {
                service.WithEnvironment("AWS_ACCESS_KEY_ID", keyId).WithEnvironment("AWS_SECRET_ACCESS_KEY", key);
            }
        }
    }

    // Both are in the folder Aws, which is compiled with the property AwsHosting.
    static partial void AddTables(IDistributedApplicationBuilder builder);

    static partial void AddFargate(
        IDistributedApplicationBuilder builder,
        IResourceBuilder<ProjectResource> worker,
        IResourceBuilder<ProjectResource> api,
        IResourceBuilder<ProjectResource> web,
        ref bool isAdded);
}

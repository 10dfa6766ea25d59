using System.Text.Json.Nodes;
using ProductAspire.Deploy;

namespace DeployTests;

/// <summary>Who may do what.</summary>
public sealed class RightsTests(Synthesis synthesis)
{
    // AWS knows no smaller resource for these.
    private static readonly Dictionary<string, string> Boundless = new()
    {
        ["ecr:GetAuthorizationToken"] = "signs in to the registry of the account",
        ["dynamodb:ListStreams"] = "lists the streams, for the event source mapping",
    };

    private Template Template => synthesis.Template;

    private Resource FunctionRole => Template.Named(Template.Single("AWS::Lambda::Function")["Role"]);

    [Fact]
    public void No_statement_is_for_all_resources_unless_AWS_allows_nothing_else()
    {
        // With everything chosen that can be: each choice may bring statements of its own.
        var whole = synthesis.Synthesize(new Settings
        {
            StackName = "Whole",
            AlarmEmail = "ops@example.com",
            EventsTopicArn = "arn:aws:sns:eu-central-1:123456789012:events",
            OtlpEndpoint = "http://collector:4317",
        });
        var statements = Template.Statements().Concat(whole.Statements()).Where(statement => statement.Allows).ToList();

        Assert.True(statements.Count > 40, "The walk finds the statements.");
        Assert.All(
            statements.Where(statement => statement.Resources.Any(resource => Template.Flat(resource).Contains('*', StringComparison.Ordinal))),
            statement => Assert.True(
                // In the policy of a key, "all" is that key.
                statement.Owner.Type == "AWS::KMS::Key" || statement.Actions.All(Boundless.ContainsKey), statement.ToString()));
    }

    [Fact]
    public void No_role_may_do_everything_with_a_service() => Assert.All(
        Template.Statements().Where(statement => statement.Allows && statement.Owner.Type != "AWS::KMS::Key"),
        statement => Assert.DoesNotContain(statement.Actions, action => action.Contains('*', StringComparison.Ordinal)));

    [Fact]
    public void Nobody_outside_the_account_is_let_in() => Assert.All(
        Template.Statements().Where(statement => statement.Allows && statement.Json["Principal"] is not null),
        statement =>
        {
            var principal = statement.Json["Principal"]!;
            Assert.True(
                principal["Service"] is not null || Template.Many(principal["AWS"]).All(account => account is JsonObject), statement.ToString());
        });

    [Fact]
    public void Each_service_has_a_role_of_its_own()
    {
        var roles = new[] { Template.TaskRole("PlatformApi"), Template.TaskRole("PlatformWorker"), Template.TaskRole("PlatformWeb"), FunctionRole };
        var starting = Template.Of("AWS::ECS::TaskDefinition").Select(task => Template.Named(task["ExecutionRoleArn"]));

        Assert.Equal(7, roles.Concat(starting).DistinctBy(role => role.Id).Count());
    }

    // That they suffice is shown where there are stores: Fault.Tests, RoleTests.
    [Fact]
    public void Each_service_has_the_rights_on_items_that_it_needs()
    {
        var roles = new[] { (Template.TaskRole("PlatformApi"), Rights.Api), (Template.TaskRole("PlatformWorker"), Rights.Worker), (FunctionRole, Rights.Projection) };

        foreach (var (role, rights) in roles)
        {
            Assert.Equal(rights.Command, ActionsOn(role, "product-command"));
            Assert.Equal(rights.Data, ActionsOn(role, "product-data"));
            Assert.Equal(rights.History, ActionsOn(role, "product-history"));
            Assert.Equal(rights.Unique, ActionsOn(role, "product-unique"));
            Assert.Equal(rights.Session, ActionsOn(role, "session"));
            Assert.Equal(rights.Parked, ActionsOn(role, "parked"));
            Assert.Equal(rights.StreamLease, ActionsOn(role, "stream-lease"));
        }
    }

    [Fact]
    public void Who_projects_may_mark_a_command_or_remove_it_and_adds_none() => Assert.All([FunctionRole, Template.TaskRole("PlatformWorker")], role =>
    {
        Assert.DoesNotContain(ActionsOn(role, "product-command"), action => action is "dynamodb:PutItem" or "dynamodb:BatchWriteItem");
        Assert.DoesNotContain(ActionsOn(role, "session"), action => action is "dynamodb:GetItem" or "dynamodb:Query" or "dynamodb:PutItem");
    });

    [Fact]
    public void Nobody_creates_or_deletes_tables() => Assert.DoesNotContain(
        Template.Statements().SelectMany(statement => statement.Actions),
        action => action is "dynamodb:CreateTable" or "dynamodb:UpdateTable" or "dynamodb:UpdateTimeToLive" or "dynamodb:DeleteTable");

    [Fact]
    public void Only_the_function_reads_the_stream() => Assert.Equal(
        [FunctionRole.Id],
        RolesWith("dynamodb:GetRecords").Distinct());

    [Fact]
    public void The_web_reaches_neither_tables_nor_the_database() => Assert.DoesNotContain(
        Template.StatementsOf(Template.TaskRole("PlatformWeb")).SelectMany(statement => statement.Actions),
        action => action.StartsWith("dynamodb:", StringComparison.Ordinal) || action.StartsWith("rds", StringComparison.Ordinal));

    [Fact]
    public void Services_connect_to_the_database_as_one_user_of_it_and_no_service_reads_its_password()
    {
        Assert.Equal(
            new[] { Template.TaskRole("PlatformApi").Id, Template.TaskRole("PlatformWorker").Id, FunctionRole.Id }.Order(StringComparer.Ordinal),
            RolesWith("rds-db:connect").Order(StringComparer.Ordinal));
        Assert.All(
            Template.Statements().Where(statement => statement.Actions.Contains("rds-db:connect")),
            statement => Assert.EndsWith("\"/product\"]]}", Template.Flat(Assert.Single(statement.Resources)), StringComparison.Ordinal));
        Assert.Equal([Template.Named(Template.Single("AWS::RDS::DBProxy")["RoleArn"]).Id], RolesWith("secretsmanager:GetSecretValue"));
    }

    [Fact]
    public void Events_are_published_to_the_topic_that_was_named_and_to_no_other()
    {
        const string Topic = "arn:aws:sns:eu-central-1:123456789012:events.fifo";
        var template = synthesis.Synthesize(new Settings { StackName = "WithEvents", EventsTopicArn = Topic });

        Assert.Equal(Topic, template.EnvironmentOf("PlatformWorker")["Events__TopicArn"]);
        Assert.Contains(
            template.StatementsOf(template.TaskRole("PlatformWorker")),
            statement => statement.Actions.SequenceEqual(["sns:Publish"]) && statement.Resources.Select(Template.Flat).SequenceEqual([Topic]));
        Assert.DoesNotContain("Events__TopicArn", Template.EnvironmentOf("PlatformWorker").Keys);
    }

    private List<string> ActionsOn(Resource role, string table)
    {
        var id = Template.Of("AWS::DynamoDB::Table").Single(resource => resource.Text("TableName") == table).Id;
        return
        [
            .. Template.StatementsOf(role)
                .Where(statement => statement.Resources.Any(resource => resource is JsonObject reference
                    && reference["Fn::GetAtt"] is { } attribute
                    && attribute[0]!.GetValue<string>() == id
                    && attribute[1]!.GetValue<string>() == "Arn"))
                .SelectMany(statement => statement.Actions),
        ];
    }

    private IEnumerable<string> RolesWith(string action) =>
        from role in Template.Of("AWS::IAM::Role")
        where Template.StatementsOf(role).Any(statement => statement.Actions.Contains(action))
        select role.Id;
}

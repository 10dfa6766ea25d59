using System.Text.Json.Nodes;

namespace DeployTests.Support;

/// <summary>A resource of a template.</summary>
public sealed record Resource(string Id, string Type, JsonObject Json)
{
    public JsonObject Properties => Json["Properties"]?.AsObject() ?? [];

    public JsonNode? this[string property] => Properties[property];

    public string Text(string property) => this[property]?.ToString() ?? throw new InvalidOperationException($"{Id} has no {property}.");

    public bool IsTrue(string property) => this[property]?.GetValue<bool>() == true;

    /// <summary>Whether it comes after another.</summary>
    public bool DependsOn(string id) => Json["DependsOn"]?.AsArray().Any(other => other!.GetValue<string>() == id) == true;
}

/// <summary>A statement of a policy.</summary>
/// <param name="Owner">The resource that it stands in.</param>
/// <param name="Json">The statement.</param>
public sealed record Statement(Resource Owner, JsonObject Json)
{
    public IReadOnlyList<string> Actions => [.. Template.Many(Json["Action"]).Select(action => action.GetValue<string>())];

    public IReadOnlyList<JsonNode> Resources => Template.Many(Json["Resource"]);

    public bool Allows => Json["Effect"]!.GetValue<string>() == "Allow";

    public override string ToString() => $"{Owner.Id}: {Json.ToJsonString()}";
}

/// <summary>A synthesized template, for questions.</summary>
public sealed class Template(JsonObject json)
{
    public JsonObject Json => json;

    public IReadOnlyList<Resource> Resources { get; } =
        [.. json["Resources"]!.AsObject().Select(pair => new Resource(pair.Key, pair.Value!["Type"]!.GetValue<string>(), pair.Value.AsObject()))];

    public IEnumerable<Resource> Of(string type) => Resources.Where(resource => resource.Type == type);

    public Resource Single(string type) => Assert.Single(Of(type));

    public Resource WithId(string id) => Resources.Single(resource => resource.Id == id);

    /// <summary>Of a type, the one in a part of the stack.</summary>
    public Resource In(string part, string type) => Assert.Single(Of(type), resource => resource.Id.StartsWith(part, StringComparison.Ordinal));

    /// <summary>The resource that a reference or an attribute names.</summary>
    public Resource Named(JsonNode? reference) => WithId(Target(reference) ?? throw new InvalidOperationException($"{reference} names no resource."));

    /// <summary>Every statement of every policy, of roles and of resources.</summary>
    public IEnumerable<Statement> Statements() =>
        from resource in Resources
        from found in Find(resource.Properties)
        select new Statement(resource, found);

    /// <summary>What a role may do by the policies that it has in this template.</summary>
    public IReadOnlyList<Statement> StatementsOf(Resource role) =>
    [
        .. from policy in Of("AWS::IAM::Policy")
           where policy["Roles"]!.AsArray().Any(reference => Target(reference) == role.Id)
           from found in Find(policy.Properties)
           select new Statement(policy, found),
    ];

    /// <summary>The role that the code of a service has.</summary>
    public Resource TaskRole(string part) => Named(In(part, "AWS::ECS::TaskDefinition")["TaskRoleArn"]);

    /// <summary>What a service is told.</summary>
    public Dictionary<string, string> EnvironmentOf(string part) => In(part, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]![0]!["Environment"]!.AsArray()
        .ToDictionary(variable => variable!["Name"]!.GetValue<string>(), variable => Flat(variable!["Value"]));

    /// <summary>A value with what is filled in at the deployment as its JSON.</summary>
    public static string Flat(JsonNode? value) => value is JsonValue text ? text.ToString() : value!.ToJsonString();

    public static IReadOnlyList<JsonNode> Many(JsonNode? oneOrMany) => oneOrMany switch
    {
        null => [],
        JsonArray many => [.. many.OfType<JsonNode>()],
        _ => [oneOrMany],
    };

    public static string? Target(JsonNode? reference) =>
        (reference as JsonObject)?["Ref"]?.GetValue<string>()
        ?? ((reference as JsonObject)?["Fn::GetAtt"] is JsonArray attribute ? attribute[0]!.GetValue<string>() : null);

    private static IEnumerable<JsonObject> Find(JsonNode? node) => node switch
    {
        JsonObject found when found.ContainsKey("Effect") && found.ContainsKey("Action") => [found],
        JsonObject members => members.SelectMany(member => Find(member.Value)),
        JsonArray items => items.SelectMany(Find),
        _ => [],
    };
}

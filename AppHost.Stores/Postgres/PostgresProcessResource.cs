using Aspire.Hosting.ApplicationModel;

namespace ProductAspire.Stores.Postgres;

/// <summary>A Postgres server that runs as a process of this machine. It offers what Aspire's container offers.</summary>
internal sealed class PostgresProcessResource(string name, string command, ParameterResource password)
    : ExecutableResource(name, command, Path.GetPathRoot(Environment.SystemDirectory) ?? "/"), IResourceWithConnectionString
{
    public const string UserName = "postgres";

    private EndpointReference? endpoint;

    public EndpointReference Endpoint => endpoint ??= new(this, "tcp");

    public ParameterResource Password { get; } = password;

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Host={Host};Port={Port};Username={UserName};Password={Password}");

    private EndpointReferenceExpression Host => Endpoint.Property(EndpointProperty.Host);

    private EndpointReferenceExpression Port => Endpoint.Property(EndpointProperty.Port);

    public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{Host}")),
        new("Port", ReferenceExpression.Create($"{Port}")),
        new("Username", ReferenceExpression.Create($"{UserName}")),
        new("Password", ReferenceExpression.Create($"{Password}")),
        new("Uri", Uri("")),
    ];

    public ReferenceExpression Uri(string path) =>
        ReferenceExpression.Create($"postgresql://{UserName}:{Password}@{Host}:{Port}{path}");
}

/// <summary>A database of that server.</summary>
internal sealed class PostgresProcessDatabase(string name, PostgresProcessResource parent)
    : Resource(name), IResourceWithParent<PostgresProcessResource>, IResourceWithConnectionString
{
    public PostgresProcessResource Parent { get; } = parent;

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Parent};Database={Name}");

    public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() =>
    [
        .. Parent.GetConnectionProperties().Where(property => property.Key != "Uri"),
        new("DatabaseName", ReferenceExpression.Create($"{Name}")),
        new("Uri", Parent.Uri($"/{Name}")),
    ];
}

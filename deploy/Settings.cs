using Constructs;

namespace ProductAspire.Deploy;

/// <summary>The settings of a deployment, from the context: <c>-c name=value</c>, or <c>cdk.json</c>. Everything has a default.</summary>
public sealed record Settings
{
    /// <summary>Names the stack, and with it most of what is in it.</summary>
    public string StackName { get; init; } = "ProductAspire";

    /// <summary>Begins the names of the tables: for more than one stack in an account and region.</summary>
    public string TablePrefix { get; init; } = "";

    /// <summary>Begins the address where people sign in, which must be the only one of that name in the region. By default it has the account in it.</summary>
    public string? SignInPrefix { get; init; }

    /// <summary>The address that alarms go to.</summary>
    public string? AlarmEmail { get; init; }

    /// <summary>A topic that gets every event, from <c>docs/http-contract.md</c>.</summary>
    public string? EventsTopicArn { get; init; }

    /// <summary>A collector of traces, metrics and logs by OTLP (gRPC) that the services reach.</summary>
    public string? OtlpEndpoint { get; init; }

    public static Settings From(Node node)
    {
        var defaults = new Settings();
        return new()
        {
            StackName = Read("stackName") ?? defaults.StackName,
            TablePrefix = Read("tablePrefix") ?? defaults.TablePrefix,
            SignInPrefix = Read("signInPrefix"),
            AlarmEmail = Read("alarmEmail"),
            EventsTopicArn = Read("eventsTopicArn"),
            OtlpEndpoint = Read("otlpEndpoint"),
        };

        string? Read(string name) => node.TryGetContext(name) is string { Length: > 0 } value ? value : null;
    }
}

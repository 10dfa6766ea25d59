namespace ProductAspire.Deploy;

/// <summary>The rights of a service on the items of each table. No service may create, change or remove a table.</summary>
public sealed record Rights
{
    private static readonly string[] Reads = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];

    private static readonly string[] Writes =
        ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem"];

    private static readonly string[] Describe = ["dynamodb:DescribeTable"];

    public required IReadOnlyList<string> Command { get; init; }

    public required IReadOnlyList<string> Data { get; init; }

    public required IReadOnlyList<string> History { get; init; }

    public required IReadOnlyList<string> Unique { get; init; }

    public required IReadOnlyList<string> Session { get; init; }

    public required IReadOnlyList<string> Parked { get; init; }

    public required IReadOnlyList<string> StreamLease { get; init; }

    /// <summary>The API publishes, reads, and purges; of the stream it sees who reads it, and it may ask for a replay.</summary>
    public static Rights Api { get; } = new()
    {
        Command = [.. Reads, .. Writes, .. Describe],
        Data = [.. Reads, .. Writes],
        History = [.. Reads, .. Writes],
        Unique = [.. Reads, .. Writes],
        Session = [.. Reads, .. Writes],
        Parked = [.. Reads, .. Writes],
        StreamLease = ["dynamodb:Query", "dynamodb:UpdateItem"],
    };

    /// <summary>
    /// A service that projects reads commands, and writes what is made of them. Of a command it changes only the mark of a failure; it follows purges to their
    /// end, and removes what is left over by one, with its code, idempotency keys and notes.
    /// </summary>
    public static Rights Projection { get; } = new()
    {
        Command = [.. Reads, "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"],
        Data = [.. Reads, .. Writes],
        History = [.. Reads, .. Writes],
        Unique = [.. Reads, "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem"],
        Session = ["dynamodb:BatchWriteItem"],
        Parked = [.. Reads, .. Writes],
        StreamLease = [],
    };

    /// <summary>The worker projects what it replays, and mends what was made of commands.</summary>
    public static Rights Worker { get; } = new()
    {
        Command = [.. Projection.Command, "dynamodb:Scan", .. Describe],
        Data = [.. Projection.Data, .. Describe],
        History = [.. Projection.History, .. Describe],
        Unique = [.. Projection.Unique, .. Describe],
        Session = [.. Projection.Session, .. Describe],
        Parked = [.. Projection.Parked, .. Describe],
        StreamLease = [.. Reads, .. Writes, .. Describe],
    };
}

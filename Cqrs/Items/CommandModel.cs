using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Cqrs.Items;

/// <summary>The state that a caller wants an item to have: the input of a publish.</summary>
/// <remarks>The whole state, not a change: what is absent here is absent afterwards.</remarks>
public sealed record CommandInput
{
    /// <summary>The latest <see cref="Ttl"/>: the end of the year 9999. What is above is milliseconds, by mistake.</summary>
    public const long MaxTtl = 253_402_300_799;

    /// <summary>Gets the item.</summary>
    public required ItemKey Key { get; init; }

    /// <summary>Gets the business code, unique per tenant. Null: on create the sort key, on update unchanged.</summary>
    public string? Code { get; init; }

    /// <summary>Gets the display name, 1 to 500 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the version that the caller has seen: <see cref="Keys.VersionFirst"/>, a version, or <see cref="Keys.VersionLatest"/>.</summary>
    public long Version { get; init; } = Keys.VersionFirst;

    /// <summary>Gets the tenant; must be the one in the key.</summary>
    public required string TenantCode { get; init; }

    /// <summary>Gets the type of the item, for example <c>PRODUCT</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Gets a number to sort by; null for none.</summary>
    public long? Seq { get; init; }

    /// <summary>
    /// When the item expires, in seconds since 1970. Null: never on create; on update as before, unless that has passed (a publish
    /// onto an expired item revives it).
    /// </summary>
    public long? Ttl { get; init; }

    /// <summary>Gets whether a null <see cref="Ttl"/> removes the one the item has, rather than keeping it.</summary>
    public bool ClearTtl { get; init; }

    /// <summary>Gets whether the item is deleted (softly: it can be restored).</summary>
    public bool IsDeleted { get; init; }

    /// <summary>Gets the module's own attributes.</summary>
    public JsonObject Attributes { get; init; } = [];

    /// <summary>Gets whether <see cref="Key"/> was chosen by the caller, rather than made by <see cref="Keys.GenerateSk"/> for this command: then nobody else can have published onto it.</summary>
    public bool HasChosenSk { get; init; } = true;
}

/// <summary>One version of an item: the state, who made it and when. The common part of commands, data and history.</summary>
public abstract record ItemModel
{
    /// <summary>Partition key, <c>TYPE#tenant</c>.</summary>
    public required string Pk { get; init; }

    /// <summary>Sort key as stored: with the version in the command and history tables, without it in the data table.</summary>
    public required string Sk { get; init; }

    /// <summary><c>pk#sk</c>, without version.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the business code, unique per tenant.</summary>
    public required string Code { get; init; }

    /// <summary>Gets the display name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the version: 1, 2, 3 and so on, without gaps.</summary>
    public required long Version { get; init; }

    /// <summary>Gets the tenant.</summary>
    public required string TenantCode { get; init; }

    /// <summary>Gets the type, for example <c>PRODUCT</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Gets a number to sort by.</summary>
    public long? Seq { get; init; }

    /// <summary>When the item expires, in seconds since 1970; null: never.</summary>
    public long? Ttl { get; init; }

    /// <summary>Gets whether the item is softly deleted.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>Gets the module's own attributes. Treat as read-only.</summary>
    public required JsonObject Attributes { get; init; }

    /// <summary>Which code published this version: <c>[module]:Class.Method</c>.</summary>
    public string Source { get; init; } = "";

    /// <summary>Gets the request that this version comes from.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>When version 1 was published (UTC, milliseconds).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Gets the user that published version 1.</summary>
    public string CreatedBy { get; init; } = "";

    /// <summary>Gets the address that version 1 came from.</summary>
    public string CreatedIp { get; init; } = "";

    /// <summary>When this version was published (UTC, milliseconds).</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Gets the user that published this version.</summary>
    public string UpdatedBy { get; init; } = "";

    /// <summary>Gets the address that this version came from.</summary>
    public string UpdatedIp { get; init; } = "";

    /// <summary>Gets the key of the item, without version.</summary>
    public ItemKey Key => new(Pk, Keys.RemoveSortKeyVersion(Sk));

    /// <summary>Returns whether the item has expired at <paramref name="now"/>, whether or not DynamoDB has removed it yet.</summary>
    public bool IsExpired(DateTimeOffset now) => Ttl <= now.ToUnixTimeSeconds();
}

/// <summary>A command: one accepted version in the append-only command table. Its <see cref="ItemModel.Sk"/> is <c>sk@version</c>.</summary>
public sealed record CommandModel : ItemModel
{
    /// <summary>Gets whether it was published synchronously, with history and data written in the same transaction.</summary>
    public bool IsSync { get; init; }

    /// <summary>W3C trace context of the request, so that the projection continues its trace.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Identifies the write, so that a repeat of it whose answer was lost is told from a conflict.</summary>
    public string? WriteId { get; init; }

    /// <summary>Why the command could not be applied; null unless it was marked as failed.</summary>
    public string? FailedReason { get; init; }

    /// <summary>Returns the state that this command makes, as the data table holds it.</summary>
    public DataModel ToData() => new(this) { Sk = Keys.RemoveSortKeyVersion(Sk), Cpk = Pk, Csk = Sk };

    /// <summary>Creates a command with nothing set.</summary>
    public CommandModel()
    {
    }

    [SetsRequiredMembers]
    internal CommandModel(ItemModel state)
        : base(state)
    {
    }
}

/// <summary>
/// A state made by a command: the newest applied one in the data table (<see cref="ItemModel.Sk"/> without version), or a superseded one
/// in the history table (<c>sk@version</c>).
/// </summary>
public sealed record DataModel : ItemModel
{
    /// <summary>Partition key of the command that made this state.</summary>
    public required string Cpk { get; init; }

    /// <summary>Sort key of the command that made this state: <c>sk@version</c>.</summary>
    public required string Csk { get; init; }

    /// <summary>Returns the same state as the history table holds it.</summary>
    public DataModel ToHistory() => this with { Sk = Keys.AddSortKeyVersion(Sk, Version) };

    /// <summary>Returns the command that made this state, as far as the state tells (not its trace, not how it was published).</summary>
    public CommandModel ToCommand() => new(this) { Pk = Cpk, Sk = Csk };

    /// <summary>Creates a state with nothing set.</summary>
    public DataModel()
    {
    }

    [SetsRequiredMembers]
    internal DataModel(ItemModel state)
        : base(state) =>
        (Cpk, Csk) = ("", "");
}

using Cqrs.Items;

namespace Cqrs.Tables;

/// <summary>A module as the kernel knows it: its name, which names its tables, and the type of its items.</summary>
/// <param name="Name">Names the tables, for example <c>product</c>.</param>
/// <param name="Type">The type of its items and the first part of their partition keys, for example <c>PRODUCT</c>.</param>
public sealed record CqrsModule(string Name, string Type)
{
    /// <summary>Names the tables, for example <c>product</c>.</summary>
    public string Name { get; init; } = CheckPart(Name);

    /// <summary>Gets the type of its items and the first part of their partition keys, for example <c>PRODUCT</c>.</summary>
    public string Type { get; init; } = CheckPart(Type);

    /// <summary>Returns the partition key of a tenant's items of this module.</summary>
    public string PkOf(string tenantCode) => Keys.GeneratePk(Type, tenantCode);

    // Both stand in keys, before other parts.
    private static string CheckPart(string part) => part.Contains(Keys.KeySeparator)
        ? throw new ArgumentException($"A module's name and type must not contain '{Keys.KeySeparator}': {part}")
        : part;
}

/// <summary>Names of the tables: <c>{prefix}{module}-{command|data|history|unique}</c>, and those that the modules share.</summary>
/// <param name="prefix">Tells the tables of one installation from another's; empty by default.</param>
public sealed class TableNames(string prefix = "")
{
    /// <summary>Leases and checkpoints of the stream shards.</summary>
    public string StreamLease { get; } = $"{prefix}stream-lease";

    /// <summary>Gets the name of the table with each user's own recent writes.</summary>
    public string Session { get; } = $"{prefix}session";

    /// <summary>Commands that could not be applied.</summary>
    public string Parked { get; } = $"{prefix}parked";

    /// <summary>Returns the name of the append-only table of a module's commands.</summary>
    public string Command(CqrsModule module) => $"{prefix}{module.Name}-command";

    /// <summary>Returns the name of the table with the newest applied state of each item.</summary>
    public string Data(CqrsModule module) => $"{prefix}{module.Name}-data";

    /// <summary>Returns the name of the table with the superseded states of each item.</summary>
    public string History(CqrsModule module) => $"{prefix}{module.Name}-history";

    /// <summary>Reservations of codes and idempotency keys.</summary>
    public string Unique(CqrsModule module) => $"{prefix}{module.Name}-unique";
}

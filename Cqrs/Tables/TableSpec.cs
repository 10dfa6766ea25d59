namespace Cqrs.Tables;

/// <summary>
/// A table that the kernel needs: text keys <c>pk</c> and <c>sk</c>, billed on demand. The worker creates by it what a local stack lacks, and
/// the deployment what an account does.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="HasStream">Whether it has a stream of new images: the log of commands alone.</param>
/// <param name="HasTtl">Whether items are removed at the time in their attribute <c>ttl</c>: never commands, which are kept for good.</param>
public sealed record TableSpec(string Name, bool HasStream, bool HasTtl)
{
    /// <summary>The attribute with the time when an item may be removed.</summary>
    public const string TtlAttribute = "ttl";

    /// <summary>Returns all tables of the modules, and those that they share.</summary>
    public static IReadOnlyList<TableSpec> All(TableNames tables, IEnumerable<CqrsModule> modules) =>
    [
        .. modules.SelectMany(module => new TableSpec[]
        {
            new(tables.Command(module), HasStream: true, HasTtl: false),
            new(tables.Data(module), HasStream: false, HasTtl: true),
            new(tables.History(module), HasStream: false, HasTtl: true),
            new(tables.Unique(module), HasStream: false, HasTtl: true),
        }),
        new(tables.Session, HasStream: false, HasTtl: true),
        new(tables.StreamLease, HasStream: false, HasTtl: false),
        new(tables.Parked, HasStream: false, HasTtl: false),
    ];
}

namespace Cqrs.Items;

/// <summary>An item in a table is not what the kernel would have written there. Another program may have written it.</summary>
/// <param name="pk">The partition key of the item.</param>
/// <param name="sk">The sort key of the item.</param>
/// <param name="reason">Why the item cannot be read.</param>
public sealed class UnreadableItemException(string pk, string sk, FormatException reason)
    : FormatException($"The item {pk} / {sk} cannot be read: {reason.Message}", reason)
{
    /// <summary>Gets the partition key of the item.</summary>
    public string Pk => pk;

    /// <summary>Gets the sort key of the item.</summary>
    public string Sk => sk;
}

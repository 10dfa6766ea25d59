namespace Cqrs.Items;

/// <summary>The key of an item whatever its version: partition key and sort key without version.</summary>
/// <param name="Pk">Partition key, <c>TYPE#tenant</c>.</param>
/// <param name="Sk">Sort key without a version.</param>
public readonly record struct ItemKey(string Pk, string Sk)
{
    /// <summary>Gets the id of the item: <c>pk#sk</c>.</summary>
    public string Id => Keys.GenerateId(Pk, Sk);

    /// <summary>Returns the sort key of one version of this item in the command or history table: <c>sk@version</c>.</summary>
    public string VersionSk(long version) => Keys.AddSortKeyVersion(Sk, version);

    /// <summary>Returns the id of the item.</summary>
    public override string ToString() => Id;
}

/// <summary>One version of an item, as a target has it.</summary>
/// <param name="Key">The key of the item.</param>
/// <param name="Version">The version, 1 or above.</param>
public readonly record struct KeyVersion(ItemKey Key, long Version);

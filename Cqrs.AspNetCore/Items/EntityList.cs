namespace Cqrs.AspNetCore.Items;

/// <summary>
/// A page of a list in sk order. <paramref name="LastSk"/> is where the next page starts from; absent on the last one. Of large items
/// a page has fewer than asked for.
/// </summary>
public sealed record EntityList(IReadOnlyList<Entity> Items, string? LastSk);

/// <summary>
/// Versions of an item, newest first. <paramref name="Before"/> is what to pass for the older ones; absent if the first version is among them.
/// </summary>
public sealed record EntityVersions(IReadOnlyList<Entity> Items, long? Before);

/// <summary>A page of a search. <paramref name="Total"/> counts all that match. Large items are read while the page is written.</summary>
public sealed record EntityPage(long Total, IAsyncEnumerable<Entity> Items);

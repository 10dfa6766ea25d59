namespace Cqrs.AspNetCore.Files;

/// <summary>The kind of value in a cell.</summary>
public enum CellKind
{
    Text,
    Number,
    Integer,
    Flag,
}

/// <summary>A column of a module's files.</summary>
/// <param name="Name">Its name in the header.</param>
/// <param name="Path">Where its value is in the body of a POST.</param>
/// <param name="Kind">The kind of value in its cells.</param>
public sealed record Column(string Name, IReadOnlyList<string> Path, CellKind Kind)
{
    internal const string Sk = "sk";
    internal const string Code = "code";

    private const string Attributes = "attributes";

    private static readonly Column[] Common =
    [
        new(Sk, [Sk], CellKind.Text),
        new(Code, [Code], CellKind.Text),
        new("name", ["name"], CellKind.Text),
        new("seq", ["seq"], CellKind.Integer),
        new("ttl", ["ttl"], CellKind.Integer),
        new("isDeleted", ["isDeleted"], CellKind.Flag),
    ];

    /// <summary>Returns a text among the module's attributes; a dot leads into an object.</summary>
    public static Column Text(string name) => OfAttribute(name, CellKind.Text);

    /// <summary>Returns an exact number among the module's attributes.</summary>
    public static Column Number(string name) => OfAttribute(name, CellKind.Number);

    /// <summary>Returns a true or false among the module's attributes.</summary>
    public static Column Flag(string name) => OfAttribute(name, CellKind.Flag);

    /// <summary>Returns the columns that all items have, and those of a module's attributes.</summary>
    public static IReadOnlyList<Column> OfItem(params Column[] attributes) => [.. Common, .. attributes];

    private static Column OfAttribute(string name, CellKind kind) => new(name, [Attributes, .. name.Split('.')], kind);
}

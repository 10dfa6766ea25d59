namespace ImportFiles;

/// <summary>A file to import, with the one result that it has, whether the API or a page gets it.</summary>
/// <param name="Name">The name of the file. Its ending says whether it is CSV or JSON Lines.</param>
/// <param name="Content">The bytes.</param>
/// <param name="Created">How many products it makes for a tenant that has none of them.</param>
/// <param name="Errors">The rows that fail: the line in the file, and the start of the reason.</param>
/// <param name="Refusal">Why the file as a whole is not read, if so.</param>
internal sealed record ImportFile(string Name, byte[] Content, int Created, IReadOnlyList<RowError> Errors, string? Refusal = null)
{
    /// <summary>Gets the number of rows that are read.</summary>
    public int Rows => Refusal is null ? Created + Errors.Count : 0;

    public bool IsCsv => Name.EndsWith(".csv", StringComparison.Ordinal);

    public override string ToString() => Name;
}

/// <summary>A row that fails.</summary>
internal sealed record RowError(int Line, string Reason);

namespace Product.Web.Products.Import;

/// <summary>How far an import is.</summary>
public enum ImportState
{
    /// <summary>No import has begun.</summary>
    None,

    /// <summary>Rows are being sent.</summary>
    Running,

    /// <summary>All rows were read.</summary>
    Finished,

    /// <summary>The user stopped it.</summary>
    Stopped,

    /// <summary>The rest of the file was not read, for a reason that is told.</summary>
    Failed,
}

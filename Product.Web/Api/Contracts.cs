namespace Product.Web.Api;

/// <summary>A product as the API shows it.</summary>
public sealed record ProductEntity
{
    public required string Id { get; init; }

    public required string Pk { get; init; }

    public required string Sk { get; init; }

    public required string Code { get; init; }

    public required string Name { get; init; }

    public required long Version { get; init; }

    public long? Seq { get; init; }

    /// <summary>When it expires, in seconds since 1970.</summary>
    public long? Ttl { get; init; }

    public bool IsDeleted { get; init; }

    public ProductAttributes Attributes { get; init; } = new();

    /// <summary>Sort key of the command that made it: <c>sk@version</c>.</summary>
    public string Csk { get; init; } = "";

    /// <summary>Gets the source of this version, as in <c>[product]:PublishEndpoints.Publish</c>.</summary>
    public string Source { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public string CreatedBy { get; init; } = "";

    public DateTimeOffset UpdatedAt { get; init; }

    public string UpdatedBy { get; init; } = "";
}

public sealed record ProductAttributes
{
    public string? Category { get; init; }

    public decimal? Price { get; init; }

    public string? Description { get; init; }

    public ProductSpecification? Specification { get; init; }
}

public sealed record ProductSpecification
{
    public string? Weight { get; init; }

    public string? Dimensions { get; init; }
}

/// <summary>A page of a search. <paramref name="Total"/> counts all that match.</summary>
public sealed record ProductPage(long Total, IReadOnlyList<ProductEntity> Items);

/// <summary>Versions of a product.</summary>
public sealed record ProductVersions(IReadOnlyList<ProductEntity> Items);

/// <summary>How far a command has come: PENDING, FINISHED or FAILED.</summary>
public sealed record CommandState(string Status, string? Reason = null);

/// <summary>
/// The request that creates a product. The caller gives the sort key: should the answer be lost, the same request can be sent again and cannot
/// make a second product.
/// </summary>
public sealed record NewProduct(string Sk, string? Name, string? Code, ProductAttributes Attributes, long? Seq = null, long? Ttl = null);

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

    public bool IsDeleted { get; init; }

    public ProductAttributes Attributes { get; init; } = new();

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

/// <summary>
/// What creates a product. The caller gives the sort key: should the answer be lost, the same request can be sent again and cannot
/// make a second product.
/// </summary>
public sealed record NewProduct(string Sk, string? Name, string? Code, ProductAttributes Attributes);

/// <summary>What to search for; <paramref name="OrderBy"/> as in <c>name:asc</c>.</summary>
public sealed record ProductSearch(string? Keyword = null, string? Id = null, int Page = 1, int PageSize = 20, string? OrderBy = null);

using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Validation;
using Modules.Http;

namespace Modules.Products;

/// <summary>A product as a caller posts it: the whole state.</summary>
[ValidatableType]
public sealed record ProductRequest
{
    /// <summary>The display name, 1 to 500 characters.</summary>
    [Required(AllowEmptyStrings = true, ErrorMessage = "is required")]
    public string? Name { get; init; }

    /// <summary>The business code, unique per tenant. Absent: on create the sort key, on update unchanged.</summary>
    public string? Code { get; init; }

    /// <summary>The version you have seen. Absent or 0: create; -1: whatever is newest.</summary>
    public long? Version { get; init; }

    /// <summary>The sort key. Absent: a new ULID.</summary>
    public string? Sk { get; init; }

    public long? Seq { get; init; }

    /// <summary>When the product expires, in seconds since 1970.</summary>
    [Range(0, long.MaxValue, ErrorMessage = "must not be negative")]
    public long? Ttl { get; init; }

    public bool? IsDeleted { get; init; }

    public ProductAttributes? Attributes { get; init; }

    /// <summary>May be sent, and must then be what is derived from the token.</summary>
    public string? Pk { get; init; }

    /// <summary>May be sent, and must then be <c>pk#sk</c>.</summary>
    public string? Id { get; init; }

    /// <summary>May be sent, and must then be the caller's tenant.</summary>
    public string? TenantCode { get; init; }

    /// <summary>May be sent, and must then be PRODUCT.</summary>
    public string? Type { get; init; }
}

public sealed record ProductAttributes
{
    [Characters(200)]
    public string? Category { get; init; }

    /// <summary>Any exact decimal of at most 28 significant digits.</summary>
    public decimal? Price { get; init; }

    public string? Description { get; init; }

    public ProductSpecification? Specification { get; init; }

    /// <summary>As the kernel stores them.</summary>
    public JsonObject ToJson() => (JsonObject)JsonSerializer.SerializeToNode(this, ApiJson.Options)!;
}

public sealed record ProductSpecification
{
    public string? Weight { get; init; }

    public string? Dimensions { get; init; }
}

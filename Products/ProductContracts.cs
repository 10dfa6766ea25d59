using System.Text.Json;
using System.Text.Json.Nodes;
using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Items;
using Microsoft.Extensions.Validation;

namespace Products;

/// <summary>A product as a caller posts it.</summary>
[ValidatableType]
public sealed record ProductRequest : ItemRequest
{
    public ProductAttributes? Attributes { get; init; }

    public override JsonObject GetAttributes() => Attributes?.ToJson() ?? [];
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

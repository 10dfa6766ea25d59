using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cqrs.AspNetCore.Http;
using Cqrs.AspNetCore.Items;
using Microsoft.Extensions.Validation;

namespace StackTests.Orders;

#pragma warning disable ASP0029 // still marked as preview
[ValidatableType]
#pragma warning restore ASP0029
public sealed record OrderRequest : ItemRequest
{
    public OrderAttributes? Attributes { get; init; }

    public override JsonObject GetAttributes() => Attributes?.ToJson() ?? [];
}

public sealed record OrderAttributes
{
    [Characters(100)]
    public string? Customer { get; init; }

    [Range(1, 10_000, ErrorMessage = "must be from 1 to 10000")]
    public int? Quantity { get; init; }

    public string? Status { get; init; }

    public JsonObject ToJson() => (JsonObject)JsonSerializer.SerializeToNode(this, ApiJson.Options)!;
}

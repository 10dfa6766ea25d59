using System.Text.Encodings.Web;
using System.Text.Json;

namespace SampleData;

/// <summary>A product as <c>POST /api/product</c> takes it.</summary>
public sealed record SampleProduct(string Name, string Code, SampleAttributes Attributes)
{
    private static readonly JsonSerializerOptions Options =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string ToJson() => JsonSerializer.Serialize(this, Options);
}

public sealed record SampleAttributes(string Category, decimal Price, string Description, SampleSpecification Specification);

public sealed record SampleSpecification(string Weight, string Dimensions);

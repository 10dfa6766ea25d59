using System.Text.Json.Nodes;
using Cqrs.Items;

namespace Cqrs.Tests;

/// <summary>Valid inputs and models for tests to vary with <c>with</c>.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, 891, TimeSpan.Zero);

    public static readonly ItemKey Key = new("PRODUCT#acme", "chair");

    public static CommandInput Input => new()
    {
        Key = Key,
        Code = "CH-1",
        Name = "Chair",
        TenantCode = "acme",
        Type = "PRODUCT",
        Attributes = Json("""{"price":12.50,"tags":["oak"]}"""),
    };

    public static CommandOptions Options => By("anna", "10.0.0.1");

    public static CommandModel Command(long version = 1) => new()
    {
        Pk = Key.Pk,
        Sk = Key.VersionSk(version),
        Id = Key.Id,
        Code = "CH-1",
        Name = "Chair",
        Version = version,
        TenantCode = "acme",
        Type = "PRODUCT",
        Attributes = Json("""{"price":12.50,"tags":["oak"]}"""),
        Source = "[product]:ProductEndpoints.Publish",
        RequestId = "request-1",
        CreatedAt = Now.AddDays(-1),
        CreatedBy = "founder",
        CreatedIp = "10.9.9.9",
        UpdatedAt = Now,
        UpdatedBy = "anna",
        UpdatedIp = "10.0.0.1",
    };

    public static CommandOptions By(string user, string ip) => new("[test]:Samples.By", new(new(user, "acme"), "request-2", ip));

    public static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text)!;
}

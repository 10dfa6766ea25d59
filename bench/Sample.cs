using System.Text.Json.Nodes;
using Cqrs.Items;
using Products;

namespace Bench;

/// <summary>Products to write.</summary>
internal static class Sample
{
    public static readonly CommandOptions Options =
        new("[bench]:Sample.Publish", new InvokeContext(new UserContext("bench", "bench"), "bench", "127.0.0.1"), RemembersWrite: false);

    public static CommandInput Create(string tenant, string sk, int i) => Update(tenant, sk, Keys.VersionFirst, i) with { HasChosenSk = false };

    public static CommandInput Update(string tenant, string sk, long version, int i) => new()
    {
        Key = new ItemKey(ProductModule.Kernel.PkOf(tenant), sk),
        Name = $"Product {i}",
        TenantCode = tenant,
        Type = ProductModule.Kernel.Type,
        Version = version,
        Attributes = new JsonObject
        {
            ["category"] = $"Category {i % 20}",
            ["price"] = i % 1000 + 0.99m,
            ["description"] = "A product that is there to be written, read and measured.",
            ["specification"] = new JsonObject { ["weight"] = "1.2 kg", ["dimensions"] = "10 x 20 x 30 cm" },
        },
    };

    /// <summary>The body of a POST.</summary>
    public static object Body(int i, string? sk = null, long version = 0) => new
    {
        sk,
        version,
        name = $"Product {i}",
        attributes = new
        {
            category = $"Category {i % 20}",
            price = i % 1000 + 0.99m,
            description = "A product that is there to be written, read and measured.",
            specification = new { weight = "1.2 kg", dimensions = "10 x 20 x 30 cm" },
        },
    };

    /// <summary>The command that publishing would store.</summary>
    public static CommandModel Command(string tenant, string sk, long version, int i) =>
        Cqrs.Publishing.NextCommand.From(null, Create(tenant, sk, i), Options, Ulid.NewUlid().ToString(), null, DateTimeOffset.UtcNow) with
        {
            Sk = Keys.AddSortKeyVersion(sk, version),
            Version = version,
        };
}

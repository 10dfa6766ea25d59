using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using Cqrs.AspNetCore.Hosting;
using Cqrs.Hosting;
using Cqrs.Postgres;
using Products;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Cqrs.Tests.Architecture;

/// <summary>Dependencies go one way: between assemblies, and between the namespaces of each. Each layer may use the layers before it.</summary>
public sealed class DirectionTests
{
    private static readonly ArchUnitNET.Domain.Architecture House = new ArchLoader().LoadAssemblies(
        typeof(CqrsServices).Assembly, typeof(ReadModelContext).Assembly, typeof(CqrsApi).Assembly, typeof(ProductModule).Assembly).Build();

    private static readonly string[] Assemblies = ["Cqrs", "Cqrs.Postgres", "Cqrs.AspNetCore", "Products"];

    private static readonly string[] Kernel =
    [
        "Cqrs.Items", "Cqrs.Notifications", "Cqrs.Tables", "Cqrs.CommandLog", "Cqrs.Sessions", "Cqrs.Projection", "Cqrs.Publishing", "Cqrs.Reading",
        "Cqrs.Purging", "Cqrs.Streams", "Cqrs.Operations", "Cqrs.Hosting",
    ];

    private static readonly string[] Postgres =
    [
        "Cqrs.Postgres", "Cqrs.Postgres.Hints", "Cqrs.Postgres.Schema", "Cqrs.Postgres.Jobs", "Cqrs.Postgres.Events", "Cqrs.Postgres.Rows",
        "Cqrs.Postgres.Search", "Cqrs.Postgres.Hosting",
    ];

    private static readonly string[] AspNetCore =
    [
        "Cqrs.AspNetCore.Http", "Cqrs.AspNetCore.Identity", "Cqrs.AspNetCore.Limits", "Cqrs.AspNetCore.Events", "Cqrs.AspNetCore.Jobs",
        "Cqrs.AspNetCore.Items", "Cqrs.AspNetCore.Files", "Cqrs.AspNetCore.Operations", "Cqrs.AspNetCore.Worker", "Cqrs.AspNetCore.Hosting",
    ];

    public static TheoryData<string, string> Pairs => [.. PairsOf(Kernel), .. PairsOf(Postgres), .. PairsOf(AspNetCore)];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_namespace_uses_none_that_comes_after_it(string lower, string higher) =>
        Types().That().ResideInNamespace(lower).Should().NotDependOnAny(Types().That().ResideInNamespace(higher)).Check(House);

    [Fact]
    public void An_assembly_uses_none_that_comes_after_it()
    {
        var order = Assemblies.ToList();
        foreach (var type in House.Types.Where(type => order.Contains(NameOf(type.Assembly))))
        {
            var used = type.Dependencies.Select(dependency => NameOf(dependency.Target.Assembly)).Where(order.Contains).Distinct();
            Assert.All(used, name => Assert.True(order.IndexOf(name) <= order.IndexOf(NameOf(type.Assembly)), $"{type.FullName} uses {name}."));
        }
    }

    [Fact]
    public void Every_namespace_has_its_place_in_the_order() =>
        Assert.Equal(
            [.. Kernel.Concat(Postgres).Concat(AspNetCore).Append("Products").Append("Products.Migrations").Order(StringComparer.Ordinal)],
            House.Types
                .Where(type => Assemblies.Contains(NameOf(type.Assembly)) && type.Namespace.FullName.Split('.')[0] is "Cqrs" or "Products")
                .Select(type => type.Namespace.FullName)
                .Distinct()
                .Order(StringComparer.Ordinal));

    [Fact]
    public void Only_the_HTTP_face_uses_ASP_NET_Core()
    {
        foreach (var type in House.Types.Where(type => NameOf(type.Assembly) is "Cqrs" or "Cqrs.Postgres"))
        {
            Assert.DoesNotContain(
                type.Dependencies, dependency => dependency.Target.FullName.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal));
        }
    }

    // Of a type that was not loaded, the assembly is not known.
    private static string NameOf(Assembly? assembly) => assembly?.Name.Split(',')[0] ?? "";

    private static IEnumerable<TheoryDataRow<string, string>> PairsOf(string[] layers) =>
        from lower in Enumerable.Range(0, layers.Length)
        from higher in Enumerable.Range(lower + 1, layers.Length - lower - 1)
        select new TheoryDataRow<string, string>(layers[lower], layers[higher]);
}

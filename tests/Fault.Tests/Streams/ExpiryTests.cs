using Cqrs.CommandLog;
using Cqrs.Items;
using Cqrs.Publishing;

namespace FaultTests.Streams;

/// <summary>Items that expire, with the worker running in this process. 20.</summary>
[Collection(KernelCollection.Name)]
public sealed class ExpiryTests(FaultStack stack)
{
    [Fact]
    public async Task An_item_that_expires_is_taken_down_keeps_its_code_and_can_be_revived()
    {
        await using var parts = await Parts.CreateAsync(await Place.NewAsync(stack));
        var products = new ProductWriter(parts, FaultStack.NewTenant());
        await parts.StartAsync();
        var ttl = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 4;
        var first = await products.PublishAsync("brief", "Brief", "its-code", ttl: ttl);
        await products.PublishAsync("lasting", "Lasting");
        var row = await parts.Postgres.RowAsync(first.Id, 1);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(ttl), row["expires_at"]!.GetValue<DateTimeOffset>());
        Assert.NotNull(await parts.Of<DataService>().GetAsync(first.Key, TestContext.Current.CancellationToken));

        await Eventually.IsTrueAsync("the row is taken down", async () => await parts.Postgres.RowAsync(first.Id) is null);
        Assert.True(DateTimeOffset.UtcNow.ToUnixTimeSeconds() >= ttl, "It was taken down before it expired.");
        Assert.Null(await parts.Of<DataService>().GetAsync(first.Key, TestContext.Current.CancellationToken));
        Assert.NotNull(await parts.Postgres.RowAsync(products.Key("lasting").Id));

        // A late record brings the row back for no longer than until the next sweep.
        await products.ProjectAsync(first);
        await Eventually.IsTrueAsync("the row is taken down again", async () => await parts.Postgres.RowAsync(first.Id) is null);

        var create = products.Input("brief", "Again") with { Version = Keys.VersionFirst };
        Assert.Equal(1, Assert.IsType<PublishResult.Conflict>(await PublishAsync(create)).CurrentVersion);
        Assert.IsType<PublishResult.CodeTaken>(await PublishAsync(products.Input("thief", "Thief", "its-code")));

        var revived = await products.PublishAsync("brief", "Revived");
        Assert.Equal((2L, "its-code", null), (revived.Version, revived.Code, revived.Ttl));
        await parts.Postgres.RowAsync(first.Id, 2);
        await parts.Oracle.CheckAsync(products.Tenant);
        Assert.NotNull(await parts.Of<DataService>().GetAsync(first.Key, TestContext.Current.CancellationToken));

        // It stays: the sweeps that follow find nothing to take down.
        var brief = await products.PublishAsync("witness", "Brief too", ttl: DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        await Eventually.IsTrueAsync(
            "another sweep has been",
            async () => DateTimeOffset.UtcNow.ToUnixTimeSeconds() > brief.Ttl && await parts.Postgres.RowAsync(brief.Id) is null);
        Assert.NotNull(await parts.Postgres.RowAsync(first.Id));

        Task<PublishResult> PublishAsync(CommandInput input) =>
            parts.Commands.PublishAsync(input, Load.Options(products.Tenant), TestContext.Current.CancellationToken);
    }
}

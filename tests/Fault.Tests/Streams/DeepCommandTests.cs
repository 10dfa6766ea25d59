using System.Net;
using System.Text.Json.Nodes;
using Cqrs.Items;
using Cqrs.Operations;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace FaultTests.Streams;

/// <summary>Attributes that are nested as deeply as they may be, through every reader there is.</summary>
[Collection(KernelCollection.Name)]
public sealed class DeepCommandTests(FaultStack stack)
{
    // A map and a list, each with an innermost value at the last level, and each empty there.
    private static JsonObject Deepest => new()
    {
        ["category"] = "Deep",
        ["specification"] = new JsonObject
        {
            ["weight"] = "1 kg", ["maps"] = Maps(28, "x"), ["lists"] = Lists(28, "x"), ["noMap"] = Maps(29, null), ["noList"] = Lists(29, null),
        },
    };

    [Fact]
    public async Task What_is_nested_at_the_limit_is_shown_by_every_reader_and_holds_nobody_up()
    {
        var client = await stack.ClientAsync();
        await using var kernel = await Parts.CreateAsync(new Place(stack, "", stack.ConnectionString), setUp: false);
        var deep = new ProductWriter(kernel, client.Tenant);
        await deep.PublishAsync("deep", "Deep", attributes: Deepest);
        await deep.PublishAsync("deep", "Deeper", attributes: Deepest);
        (await client.PostAsync(new { sk = "other", name = "Other" })).Is(HttpStatusCode.Created);

        await stack.Oracle.CheckAsync(client.Tenant);

        Assert.Equal(0, await stack.ParkedAsync(client.Tenant));
        Assert.Equal("FINISHED", (await client.CommandAsync("deep", 2, wait: 10)).Is(HttpStatusCode.OK).Json["status"]!.GetValue<string>());
        AssertDeepest((await client.GetAsync("deep")).Is(HttpStatusCode.OK).Json);
        AssertDeepest((await client.ListAsync()).Is(HttpStatusCode.OK).Items[0]!);
        AssertDeepest((await client.HistoryAsync("deep")).Is(HttpStatusCode.OK).Items[1]!);
        Assert.Equal(1, (await client.SearchAsync("?keyword=Deeper")).Is(HttpStatusCode.OK).Total);
        (await client.PatchAsync("deep", new { attributes = new { price = 2 } }, ("If-Match", "*"))).Is(HttpStatusCode.OK);
        (await client.SendAsync(HttpMethod.Get, "/api/product/export?format=jsonl")).Is(HttpStatusCode.OK);
        await stack.Oracle.CheckAsync(client.Tenant);
    }

    [Fact]
    public async Task A_replay_of_the_command_table_brings_it_too()
    {
        await using var kernel = await Parts.CreateAsync(await Place.NewAsync(stack));
        var deep = new ProductWriter(kernel, FaultStack.NewTenant());
        await deep.PublishAsync("deep", "Deep", attributes: Deepest);
        await kernel.StartAsync();
        await kernel.Oracle.CheckAsync(deep.Tenant);
        await kernel.Services.GetRequiredService<CommandReplay>().RequestAsync(TestContext.Current.CancellationToken);
        await kernel.Oracle.CheckAsync(deep.Tenant);
    }

    // The second has one level more than is accepted: another writer can store that all the same.
    [Theory]
    [InlineData(29, true)]
    [InlineData(30, false)]
    public async Task What_a_handler_refuses_of_it_is_parked_if_there_is_room_with_its_attributes(int maps, bool hasRoom)
    {
        var bad = new MemoryHandler("bad") { Fails = command => command.Name == "Refused" ? new InvalidDataException("No such thing.") : null };
        await using var kernel = await Parts.CreateAsync(await Place.NewAsync(stack), addModules: MemoryHandler.Module("gadget", bad));
        var things = new ProductWriter(kernel, FaultStack.NewTenant(), "gadget");
        var command = await things.PublishAsync("a", "Refused", attributes: Deepest);
        var item = ItemFormat.ToItem(command with { Attributes = new() { ["maps"] = Maps(maps, "x") } });
        await kernel.Dynamo.PutItemAsync(kernel.Place.Tables.Command(new CqrsModule("gadget", "GADGET")), item, TestContext.Current.CancellationToken);

        await things.ProjectRecordsAsync(Records.Insert(item), Records.Insert(await things.PublishAsync("b", "Fine")));

        Assert.Equal("b", Assert.Single(bad.Rows.Keys).Sk);
        var parked = Assert.Single(await things.ParkedAsync());
        Assert.Equal(command.Sk, parked.Sk);
        Assert.True(JsonContent.AreSame(hasRoom ? ItemFormat.ToCommand(item).Attributes : [], parked.Command!.Attributes));
    }

    private static void AssertDeepest(JsonNode entity) =>
        Assert.True(JsonContent.AreSame(Deepest, entity["attributes"]), entity.ToJsonString(new() { MaxDepth = 100 }));

    private static JsonNode? Maps(int levels, string? innermost) =>
        levels == 0 ? innermost : new JsonObject(Maps(levels - 1, innermost) is { } inner ? [new("a", inner)] : []);

    private static JsonNode? Lists(int levels, string? innermost) =>
        levels == 0 ? innermost : new JsonArray(Lists(levels - 1, innermost) is { } inner ? [inner] : []);
}

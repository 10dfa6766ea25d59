using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;
using SampleData;

namespace StackTests.Api;

/// <summary>What a newcomer does first.</summary>
[Collection(Alone.Name)]
public sealed class TourTests(Stack stack) : IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await stack.WaitUntilIdleAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public async Task All_resources_are_healthy()
    {
        foreach (var resource in Stack.Resources)
        {
            await stack.App.ResourceNotifications.WaitForResourceHealthyAsync(resource, TestContext.Current.CancellationToken)
                .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData(Stack.Api)]
    [InlineData(Stack.Worker)]
    [InlineData(Stack.Web)]
    public async Task Every_service_says_that_it_is_alive_and_ready(string service)
    {
        using var http = stack.App.CreateHttpClient(service, "http");

        Assert.Equal("Healthy", await http.GetStringAsync("/health", TestContext.Current.CancellationToken));
        Assert.Equal("Healthy", await http.GetStringAsync("/alive", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_posted_product_is_found_by_key_at_once_and_by_search_in_Postgres_within_a_second()
    {
        var anna = await stack.ClientAsync();
        var ben = await stack.ClientAsync(anna.Tenant, "ben");
        await anna.PostAsync(new { name = "To warm up", sk = "first" });
        await stack.Postgres.RowAsync(anna.IdOf("first"), 1);

        var times = new List<TimeSpan>();
        for (var i = 1; i <= 5; i++)
        {
            var posted = await anna.PostAsync(new { name = $"Walnut Desk {i}", attributes = new { price = 129.90m, category = "Furniture" } });
            var started = Stopwatch.GetTimestamp();
            posted.Is(HttpStatusCode.Created);
            Assert.Equal(1, posted.Version);
            Assert.Equal("\"1\"", posted.ETag);
            Assert.Equal(anna.PathOf(posted.Sk), posted.Response.Headers.Location!.OriginalString);

            var read = (await anna.GetAsync(posted.Sk)).Is(HttpStatusCode.OK);
            Assert.Equal(posted.Content().ToJsonString(), read.Content().ToJsonString());

            // Another user: one's own writes are shown before Postgres has them.
            var found = await Eventually.GetAsync(
                "search finds the product", () => ben.SearchAsync($"?keyword=desk%20{i}"), answer => answer.Is(HttpStatusCode.OK).Total == 1);
            times.Add(Stopwatch.GetElapsedTime(started));
            Assert.True(JsonNode.DeepEquals(posted.Content(), WithoutTimes(found.Items[0]!)), $"{posted.Content()} is found as {found.Items[0]}");
        }

        // Not the fastest one, which may have met the worker by luck; not the slowest one, which may have met another program.
        Assert.True(times.Order().ElementAt(1) < TimeSpan.FromSeconds(1), $"It took {string.Join(", ", times)}.");
    }

    [Fact]
    public async Task A_thousand_sample_products_are_in_Postgres_once_each()
    {
        var client = await stack.ClientAsync();
        using var http = stack.App.CreateHttpClient(Stack.Api, "http");
        var load = () => Loader.LoadAsync(
            http, client.Tenant, 1000, seed: 7, TimeSpan.FromSeconds(30), _ => { }, TestContext.Current.CancellationToken);

        var first = await load();
        var again = await load();

        Assert.True(first.IsComplete, $"{first}: {string.Join('\n', first.Posted.Errors)}");
        Assert.Equal((1000, 0), (first.Posted.New, first.Posted.AlreadyThere));
        Assert.True(again.IsComplete, again.ToString());
        Assert.Equal((0, 1000), (again.Posted.New, again.Posted.AlreadyThere));
        Assert.Equal(1000, await stack.Postgres.CountAsync(client.Tenant));
    }

    [Fact]
    public void The_sample_file_is_what_the_generator_makes()
    {
        var file = File.ReadAllLines(Path.Combine(RepositoryRoot(), "samples", "products-1000.json"));

        Assert.Equal(
            ["[", .. SampleProducts.Generate(1000, 7).Select((product, i) => product.ToJson() + (i < 999 ? "," : "")), "]"], file);
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ProductAspire.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The repository was not found.");
    }

    private static JsonObject WithoutTimes(JsonNode item) =>
        new Answer(HttpStatusCode.OK, new HttpResponseMessage(), item.ToJsonString()).Content();
}

using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Product.Web.Api;
using Product.Web.Products.Live;

namespace WebTests.Parts;

public sealed class SyncMarksTests
{
    private static readonly ProductEntity Chair = new()
    {
        Id = "PRODUCT#acme#1",
        Pk = "PRODUCT#acme",
        Sk = "1",
        Code = "C-1",
        Name = "Chair",
        Version = 2,
    };

    private readonly SyncMarkStore store = new(TimeProvider.System);

    [Fact]
    public void A_mark_goes_when_the_read_model_has_that_version_or_a_later_one()
    {
        store.Add(Chair);
        store.Apply(Ended(version: 1));
        Assert.NotNull(store.Of(Chair));
        store.Apply(Ended(version: 3));
        Assert.Null(store.Of(Chair));
    }

    [Fact]
    public void A_command_that_was_parked_says_why_until_it_goes_through()
    {
        store.Add(Chair);
        store.Apply(Ended(version: 2) with { Status = "FAILED", Reason = "no such column" });
        Assert.Equal("no such column", store.Of(Chair)!.Failure);
        store.Apply(Ended(version: 2));
        Assert.Null(store.Of(Chair));
    }

    [Fact]
    public async Task A_mark_whose_event_came_before_it_goes_too()
    {
        using var api = new Stub().Answers(HttpStatusCode.OK, """{"status":"PENDING"}""").Answers(HttpStatusCode.OK, """{"status":"FINISHED"}""");
        using var feed = new CommandFeed(api.Connection, api.Streams, NullLogger<CommandFeed>.Instance);
        using var marks = new SyncMarks(store, api.Connection, api.Client, feed, NullLogger<SyncMarks>.Instance);
        store.Apply(Ended(version: 2));
        marks.Add(Chair);
        marks.Start();
        await Eventually.IsTrueAsync("the mark is gone", () => Task.FromResult(marks.Of(Chair) is null));
    }

    private static CommandEvent Ended(long version) => new("PRODUCT#acme", "1", version, "FINISHED", null);
}

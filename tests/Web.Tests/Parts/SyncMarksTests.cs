using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Product.Web.Api;
using Product.Web.Products.Live;

namespace WebTests.Parts;

public sealed class SyncMarksTests : IDisposable
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

    public void Dispose() => store.Dispose();

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

    // The worker is done before the answer to the write is here.
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void What_the_read_model_has_before_it_is_marked_is_not_marked(long version)
    {
        var shown = new List<bool>();
        store.Changed += _ => shown.Add(store.Of(Chair) is not null);
        store.Apply(Ended(version));
        store.Apply(Ended(version: 1));
        store.Add(Chair);
        Assert.Null(store.Of(Chair));
        Assert.DoesNotContain(true, shown);
    }

    [Fact]
    public void What_was_parked_before_it_is_marked_says_why()
    {
        store.Apply(Ended(version: 2) with { Status = "FAILED", Reason = "no such column" });
        store.Add(Chair);
        Assert.Equal("no such column", store.Of(Chair)!.Failure);
    }

    [Fact]
    public void An_older_version_that_the_read_model_had_before_takes_no_mark_away()
    {
        store.Apply(Ended(version: 1));
        store.Add(Chair);
        Assert.NotNull(store.Of(Chair));
    }

    [Fact]
    public void A_mark_and_its_event_at_the_same_time_do_not_miss_each_other()
    {
        for (var i = 0; i < 2000; i++)
        {
            var product = Chair with { Id = $"PRODUCT#acme#{i}", Sk = $"{i}" };
            Parallel.Invoke(() => store.Add(product), () => store.Apply(Ended(version: 2) with { Sk = product.Sk }));
            Assert.Null(store.Of(product));
        }
    }

    [Fact]
    public async Task A_mark_whose_event_was_told_to_nobody_goes_when_events_come_again()
    {
        using var api = new Stub()
            .Answers(HttpStatusCode.OK, "id: 1\n\n", "text/event-stream")
            .Answers(HttpStatusCode.OK, """{"status":"FINISHED"}""");
        using var feed = new CommandFeed(api.Connection, api.Streams, NullLogger<CommandFeed>.Instance);
        using var marks = new SyncMarks(store, api.Connection, api.Client, feed, NullLogger<SyncMarks>.Instance);
        marks.Add(Chair);
        marks.Start();
        await Eventually.IsTrueAsync("the mark is gone", () => Task.FromResult(marks.Of(Chair) is null));
    }

    private static CommandEvent Ended(long version) => new("PRODUCT#acme", "1", version, "FINISHED", null);
}

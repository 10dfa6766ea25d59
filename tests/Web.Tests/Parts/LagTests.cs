using Product.Web.Operations;

namespace WebTests.Parts;

public sealed class LagTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private readonly Clock clock = new();

    [Fact]
    public void The_lag_is_claimed_for_no_longer_than_it_was_looked_at()
    {
        var history = new LagHistory(clock);
        Assert.Equal("Lag of the read models: not known", Lag.Describe(history.Samples, isRead: true));

        history.Add(0);
        Assert.Equal("Lag of the read models: 0 ms now; the most that was seen since 12:00 UTC is 0 ms", Lag.Describe(history.Samples, isRead: true));

        clock.Now += TimeSpan.FromMinutes(9);
        history.Add(1500);
        clock.Now += TimeSpan.FromSeconds(1);
        history.Add(20);
        Assert.Equal("Lag of the read models: 20 ms now; the most that was seen since 12:00 UTC is 1.5 s", Lag.Describe(history.Samples, isRead: true));

        clock.Now += TimeSpan.FromMinutes(2);
        Assert.Equal(
            "Lag of the read models: 20 ms when it was last read, at 12:09 UTC; the most that was seen since 12:09 UTC is 1.5 s",
            Lag.Describe(history.Samples, isRead: false));

        clock.Now += TimeSpan.FromMinutes(9);
        Assert.Equal("Lag of the read models: not known", Lag.Describe(history.Samples, isRead: false));
    }

    [Fact]
    public void A_peak_that_one_of_several_operators_saw_is_not_left_out()
    {
        var history = new LagHistory(clock);
        history.Add(10);
        history.Add(900);
        history.Add(20);
        Assert.Equal([10, 900], history.Samples.Select(sample => sample.LagMs));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = Noon;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

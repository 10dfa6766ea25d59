using Cqrs.Items;
using Cqrs.Publishing;

namespace Cqrs.Tests;

public sealed class NextCommandTests
{
    private static readonly long Past = Samples.Now.ToUnixTimeSeconds() - 1;
    private static readonly long Future = Samples.Now.ToUnixTimeSeconds() + 3600;

    [Fact]
    public void The_first_command_is_version_1_and_made_by_the_caller()
    {
        var command = From(null, Samples.Input);

        Assert.Equal(1, command.Version);
        Assert.Equal("chair@1", command.Sk);
        Assert.Equal("PRODUCT#acme#chair", command.Id);
        Assert.Equal((Samples.Now, "anna", "10.0.0.1"), (command.CreatedAt, command.CreatedBy, command.CreatedIp));
        Assert.Equal((Samples.Now, "anna", "10.0.0.1"), (command.UpdatedAt, command.UpdatedBy, command.UpdatedIp));
        Assert.Equal(("request-2", "[test]:Samples.By", "write-1"), (command.RequestId, command.Source, command.WriteId));
    }

    // Conformance 15.
    [Fact]
    public void The_next_command_keeps_who_created_the_item_and_says_who_changed_it()
    {
        var command = From(Samples.Command(5), Samples.Input with { Name = "Stool" });

        Assert.Equal(6, command.Version);
        Assert.Equal("chair@6", command.Sk);
        Assert.Equal((Samples.Now.AddDays(-1), "founder", "10.9.9.9"), (command.CreatedAt, command.CreatedBy, command.CreatedIp));
        Assert.Equal((Samples.Now, "anna", "10.0.0.1"), (command.UpdatedAt, command.UpdatedBy, command.UpdatedIp));
    }

    [Fact]
    public void Times_are_cut_to_the_milliseconds_that_are_stored()
    {
        var command = NextCommand.From(null, Samples.Input, Samples.Options, "write-1", null, Samples.Now.AddTicks(9_999));

        Assert.Equal(Samples.Now, command.UpdatedAt);
    }

    [Fact]
    public void An_absent_code_is_the_sort_key_at_first_and_unchanged_afterwards()
    {
        Assert.Equal("chair", From(null, Samples.Input with { Code = null }).Code);
        Assert.Equal("CH-1", From(Samples.Command(), Samples.Input with { Code = null }).Code);
        Assert.Equal("CH-2", From(Samples.Command(), Samples.Input with { Code = "CH-2" }).Code);
    }

    [Fact]
    public void An_expiry_stays_until_another_is_given_or_it_is_removed()
    {
        var expiring = Samples.Command() with { Ttl = Future };

        Assert.Null(From(null, Samples.Input).Ttl);
        Assert.Equal(Future, From(null, Samples.Input with { Ttl = Future }).Ttl);
        Assert.Equal(Future, From(expiring, Samples.Input).Ttl);
        Assert.Equal(Future + 1, From(expiring, Samples.Input with { Ttl = Future + 1 }).Ttl);
        Assert.Null(From(expiring, Samples.Input with { ClearTtl = true }).Ttl);
    }

    // Conformance 20.
    [Fact]
    public void A_publish_onto_an_expired_item_revives_it()
    {
        var expired = Samples.Command() with { Ttl = Past };

        Assert.Null(From(expired, Samples.Input).Ttl);
        Assert.Equal(2, From(expired, Samples.Input).Version);
        Assert.False(NextCommand.IsUnchanged(expired, Samples.Input, Samples.Now));
    }

    // Conformance 7, 9.
    [Fact]
    public void An_input_that_says_the_same_is_unchanged()
    {
        var newest = Samples.Command();

        Assert.True(NextCommand.IsUnchanged(newest, Samples.Input, Samples.Now));
        Assert.True(NextCommand.IsUnchanged(newest, Samples.Input with { Code = null }, Samples.Now));
        Assert.True(NextCommand.IsUnchanged(newest, Samples.Input with { Attributes = Samples.Json("""{"tags":["oak"],"price":12.5,"x":null}""") }, Samples.Now));
        Assert.True(NextCommand.IsUnchanged(newest with { Ttl = Future }, Samples.Input, Samples.Now));
        Assert.True(NextCommand.IsUnchanged(newest with { Ttl = Future }, Samples.Input with { Ttl = Future }, Samples.Now));
    }

    // Conformance 7, 9.
    [Fact]
    public void An_input_that_differs_in_anything_that_counts_is_a_change()
    {
        CommandInput[] changes =
        [
            Samples.Input with { Name = "Stool" },
            Samples.Input with { Code = "CH-2" },
            Samples.Input with { Seq = 1 },
            Samples.Input with { IsDeleted = true },
            Samples.Input with { Ttl = Future },
            Samples.Input with { Attributes = Samples.Json("""{"price":12.51,"tags":["oak"]}""") },
            Samples.Input with { Attributes = Samples.Json("""{"price":12.50}""") },
            Samples.Input with { Attributes = [] },
        ];

        Assert.All(changes, change => Assert.False(NextCommand.IsUnchanged(Samples.Command(), change, Samples.Now)));
        Assert.False(NextCommand.IsUnchanged(Samples.Command() with { Ttl = Future }, Samples.Input with { ClearTtl = true }, Samples.Now));
        Assert.False(NextCommand.IsUnchanged(Samples.Command() with { Seq = 1 }, Samples.Input, Samples.Now));
        Assert.False(NextCommand.IsUnchanged(Samples.Command() with { IsDeleted = true }, Samples.Input, Samples.Now));
    }

    [Fact]
    public void An_item_is_expired_from_the_second_that_its_ttl_names()
    {
        Assert.True((Samples.Command() with { Ttl = Samples.Now.ToUnixTimeSeconds() }).IsExpired(Samples.Now));
        Assert.False((Samples.Command() with { Ttl = Samples.Now.ToUnixTimeSeconds() + 1 }).IsExpired(Samples.Now));
        Assert.False(Samples.Command().IsExpired(Samples.Now));
    }

    private static CommandModel From(ItemModel? newest, CommandInput input) =>
        NextCommand.From(newest, input, Samples.Options, "write-1", null, Samples.Now);
}

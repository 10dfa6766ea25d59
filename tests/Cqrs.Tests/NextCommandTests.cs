using Cqrs.Items;
using Cqrs.Publishing;

namespace Cqrs.Tests;

public sealed class NextCommandTests
{
    private static readonly long Past = Some.Now.ToUnixTimeSeconds() - 1;
    private static readonly long Future = Some.Now.ToUnixTimeSeconds() + 3600;

    [Fact]
    public void The_first_command_is_version_1_and_made_by_the_caller()
    {
        var command = From(null, Some.Input);

        Assert.Equal(1, command.Version);
        Assert.Equal("chair@1", command.Sk);
        Assert.Equal("PRODUCT#acme#chair", command.Id);
        Assert.Equal((Some.Now, "anna", "10.0.0.1"), (command.CreatedAt, command.CreatedBy, command.CreatedIp));
        Assert.Equal((Some.Now, "anna", "10.0.0.1"), (command.UpdatedAt, command.UpdatedBy, command.UpdatedIp));
        Assert.Equal(("request-2", "[test]:Some.By", "write-1"), (command.RequestId, command.Source, command.WriteId));
    }

    // Conformance 15.
    [Fact]
    public void The_next_command_keeps_who_created_the_item_and_says_who_changed_it()
    {
        var command = From(Some.Command(5), Some.Input with { Name = "Stool" });

        Assert.Equal(6, command.Version);
        Assert.Equal("chair@6", command.Sk);
        Assert.Equal((Some.Now.AddDays(-1), "founder", "10.9.9.9"), (command.CreatedAt, command.CreatedBy, command.CreatedIp));
        Assert.Equal((Some.Now, "anna", "10.0.0.1"), (command.UpdatedAt, command.UpdatedBy, command.UpdatedIp));
    }

    [Fact]
    public void Times_are_cut_to_the_milliseconds_that_are_stored()
    {
        var command = NextCommand.From(null, Some.Input, Some.Options, "write-1", null, Some.Now.AddTicks(9_999));

        Assert.Equal(Some.Now, command.UpdatedAt);
    }

    [Fact]
    public void An_absent_code_is_the_sort_key_at_first_and_unchanged_afterwards()
    {
        Assert.Equal("chair", From(null, Some.Input with { Code = null }).Code);
        Assert.Equal("CH-1", From(Some.Command(), Some.Input with { Code = null }).Code);
        Assert.Equal("CH-2", From(Some.Command(), Some.Input with { Code = "CH-2" }).Code);
    }

    [Fact]
    public void An_expiry_stays_until_another_is_given_or_it_is_removed()
    {
        var expiring = Some.Command() with { Ttl = Future };

        Assert.Null(From(null, Some.Input).Ttl);
        Assert.Equal(Future, From(null, Some.Input with { Ttl = Future }).Ttl);
        Assert.Equal(Future, From(expiring, Some.Input).Ttl);
        Assert.Equal(Future + 1, From(expiring, Some.Input with { Ttl = Future + 1 }).Ttl);
        Assert.Null(From(expiring, Some.Input with { ClearTtl = true }).Ttl);
    }

    // Conformance 20.
    [Fact]
    public void A_publish_onto_an_expired_item_revives_it()
    {
        var expired = Some.Command() with { Ttl = Past };

        Assert.Null(From(expired, Some.Input).Ttl);
        Assert.Equal(2, From(expired, Some.Input).Version);
        Assert.False(NextCommand.IsUnchanged(expired, Some.Input, Some.Now));
    }

    // Conformance 7, 9.
    [Fact]
    public void An_input_that_says_the_same_is_unchanged()
    {
        var newest = Some.Command();

        Assert.True(NextCommand.IsUnchanged(newest, Some.Input, Some.Now));
        Assert.True(NextCommand.IsUnchanged(newest, Some.Input with { Code = null }, Some.Now));
        Assert.True(NextCommand.IsUnchanged(newest, Some.Input with { Attributes = Some.Json("""{"tags":["oak"],"price":12.5,"x":null}""") }, Some.Now));
        Assert.True(NextCommand.IsUnchanged(newest with { Ttl = Future }, Some.Input, Some.Now));
        Assert.True(NextCommand.IsUnchanged(newest with { Ttl = Future }, Some.Input with { Ttl = Future }, Some.Now));
    }

    // Conformance 7, 9.
    [Fact]
    public void An_input_that_differs_in_anything_that_counts_is_a_change()
    {
        CommandInput[] changes =
        [
            Some.Input with { Name = "Stool" },
            Some.Input with { Code = "CH-2" },
            Some.Input with { Seq = 1 },
            Some.Input with { IsDeleted = true },
            Some.Input with { Ttl = Future },
            Some.Input with { Attributes = Some.Json("""{"price":12.51,"tags":["oak"]}""") },
            Some.Input with { Attributes = Some.Json("""{"price":12.50}""") },
            Some.Input with { Attributes = [] },
        ];

        Assert.All(changes, change => Assert.False(NextCommand.IsUnchanged(Some.Command(), change, Some.Now)));
        Assert.False(NextCommand.IsUnchanged(Some.Command() with { Ttl = Future }, Some.Input with { ClearTtl = true }, Some.Now));
        Assert.False(NextCommand.IsUnchanged(Some.Command() with { Seq = 1 }, Some.Input, Some.Now));
        Assert.False(NextCommand.IsUnchanged(Some.Command() with { IsDeleted = true }, Some.Input, Some.Now));
    }

    [Fact]
    public void An_item_is_expired_from_the_second_that_its_ttl_names()
    {
        Assert.True((Some.Command() with { Ttl = Some.Now.ToUnixTimeSeconds() }).IsExpired(Some.Now));
        Assert.False((Some.Command() with { Ttl = Some.Now.ToUnixTimeSeconds() + 1 }).IsExpired(Some.Now));
        Assert.False(Some.Command().IsExpired(Some.Now));
    }

    private static CommandModel From(ItemModel? newest, CommandInput input) =>
        NextCommand.From(newest, input, Some.Options, "write-1", null, Some.Now);
}

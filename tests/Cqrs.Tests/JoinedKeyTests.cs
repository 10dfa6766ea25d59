using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Projection;
using Cqrs.Publishing;
using Cqrs.Sessions;
using Cqrs.Tables;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cqrs.Tests;

/// <summary>Keys that are joined from parts are the same only if all parts are, whatever stands in these.</summary>
public sealed class JoinedKeyTests
{
    private static readonly CqrsModule Module = new("thing", "THING");

    // Every text of up to three of these, and the empty one.
    private static readonly string[] Odd = [.. Texts(["#", "~", "/", "0", "1", "a"], 3).Prepend("")];

    private static readonly string[] Given = [.. Odd.Where(text => text.Length > 0)];

    private static readonly string[] Tenants = ["a", "1", "a-1"];

    [Fact]
    public void A_part_is_told_from_what_is_joined_behind_it() =>
        IsInjective(Odd, Odd, (first, second) => $"{Keys.EscapePart(first, '#')}#{second}");

    [Fact]
    public void A_part_without_separator_and_tilde_stays_as_it_is() => Assert.Equal("auth0|ann@b.c/d%23", Keys.EscapePart("auth0|ann@b.c/d%23", '#'));

    [Fact]
    public void An_idempotency_key_is_one_users() =>
        IsInjective(Given, Given, (user, key) => TextOf(IdempotencyKeys.Key("THING#a", user, new Idempotency(key, "hash"))));

    [Fact]
    public void An_idempotency_key_at_its_limits_has_room_in_a_sort_key() =>
        Assert.InRange(IdempotencyKeys.Key("THING#a", new string('#', 255), new Idempotency($"{new string('~', 256)}/999", "hash"))["sk"].S.Length, 1, 1024);

    [Fact]
    public void A_session_is_one_users_in_one_tenant()
    {
        var sessions = new SessionStore(null!, new TableNames(), Module, TimeProvider.System, NullLogger<SessionStore>.Instance);

        IsInjective(Given, Tenants, (user, tenant) => TextOf(sessions.Key(new UserContext(user, tenant), new ItemKey("THING#a", "x"))));
    }

    [Fact]
    public void An_id_is_one_items() => IsInjective(Tenants, Given, (tenant, sk) => new ItemKey(Module.PkOf(tenant), sk).Id);

    [Fact]
    public void A_sort_key_with_a_version_is_one_version() =>
        IsInjective(Given, [1L, 2L, 11L], (sk, version) => new ItemKey("THING#a", sk).VersionSk(version));

    [Fact]
    public void A_parked_command_is_one_handlers()
    {
        var parked = new ParkedStore(null!, new TableNames(), Module, TimeProvider.System);
        string[] ids = ["a", "#a", "THING#a#a", "1#THING#a#a", "~1THING#a"];
        string[] handlers = [.. Given, "a#THING#a", "a#THING#a#1", "a~1THING#a"];

        IsInjective(handlers, ids, (handler, sk) => TextOf(parked.Key(handler, Samples.Command() with { Pk = "THING#a", Sk = $"{sk}@1", Id = $"THING#a#{sk}" })));
    }

    [Theory]
    [InlineData("thing#1", "THING")]
    [InlineData("thing", "THING#1")]
    public void A_module_whose_name_or_type_has_a_separator_is_refused(string name, string type) =>
        Assert.Throws<ArgumentException>(() => new CqrsModule(name, type));

    private static string TextOf(Dictionary<string, AttributeValue> key) => $"{key["pk"].S}\n{key["sk"].S}";

    private static void IsInjective<TFirst, TSecond>(IReadOnlyList<TFirst> firsts, IReadOnlyList<TSecond> seconds, Func<TFirst, TSecond, string> join)
    {
        var byKey = new Dictionary<string, (TFirst, TSecond)>();
        foreach (var first in firsts)
        {
            foreach (var second in seconds)
            {
                var key = join(first, second);
                Assert.True(byKey.TryAdd(key, (first, second)), $"{(first, second)} and {byKey[key]} are both joined to {key}");
            }
        }
    }

    private static IEnumerable<string> Texts(string[] characters, int length) =>
        length == 0 ? [] : characters.SelectMany(first => Texts(characters, length - 1).Select(rest => first + rest).Prepend(first)).Distinct();
}

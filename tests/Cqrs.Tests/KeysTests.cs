using Cqrs.Items;

namespace Cqrs.Tests;

public sealed class KeysTests
{
    [Theory]
    [InlineData("acme", "acme")]
    [InlineData("ACME-1_x", "acme-1_x")]
    [InlineData("", null)]
    [InlineData(" acme", null)]
    [InlineData("a#b", null)]
    [InlineData("\u212A", null)] // the Kelvin sign: k when it is lower-cased
    [InlineData("\u0130", null)]
    [InlineData("\uFF41", null)]
    public void A_tenant_code_is_read_whatever_its_case_and_from_ASCII_alone(string text, string? code) => Assert.Equal(code, Keys.ToTenantCode(text));

    [Fact]
    public void Keys_are_put_together_as_MBC_CQRS_does()
    {
        var pk = Keys.GeneratePk("PRODUCT", "acme");

        Assert.Equal("PRODUCT#acme", pk);
        Assert.Equal("PRODUCT#acme#chair", Keys.GenerateId(pk, "chair"));
        Assert.Equal("PRODUCT#acme#chair", Keys.GenerateId(pk, "chair@3"));
        Assert.Equal("chair@3", Keys.AddSortKeyVersion("chair", 3));
        Assert.Equal("chair@4", Keys.AddSortKeyVersion("chair@3", 4));
        Assert.Equal("chair", Keys.RemoveSortKeyVersion("chair@3"));
        Assert.Equal("chair", Keys.RemoveSortKeyVersion("chair"));
        Assert.Equal("[product]:KeysTests.Method", CommandSource.Get("product", nameof(KeysTests), "Method"));
    }

    [Fact]
    public void Source_names_the_calling_method_by_itself() =>
        Assert.Equal(
            "[product]:KeysTests.Source_names_the_calling_method_by_itself", CommandSource.Get("product", nameof(KeysTests)));

    [Theory]
    [InlineData("chair@1", 1L)]
    [InlineData("chair@9223372036854775807", long.MaxValue)]
    [InlineData("chair", null)]
    [InlineData("chair@", null)]
    [InlineData("chair@0", null)]
    [InlineData("chair@01", null)]
    [InlineData("chair@-1", null)]
    [InlineData("chair@+1", null)]
    [InlineData("chair@1 ", null)]
    [InlineData("chair@1.0", null)]
    [InlineData("chair@9223372036854775808", null)]
    [InlineData("chair@\u0661", null)]
    public void Only_a_version_that_the_kernel_could_have_written_is_read_from_a_sort_key(string sk, long? version) =>
        Assert.Equal(version, Keys.GetSortKeyVersion(sk));

    [Theory]
    [InlineData("PRODUCT#acme", "acme")]
    [InlineData("PRODUCT#a-b_9", "a-b_9")]
    [InlineData("PRODUCT#", null)]
    [InlineData("PRODUCT", null)]
    [InlineData("#acme", null)]
    [InlineData("PRODUCT#Acme", null)]
    [InlineData("PRODUCT#acme#other", null)]
    [InlineData("PRODUCT#acm\u00e9", null)]
    public void Tenant_is_read_from_a_partition_key_of_the_right_form_only(string pk, string? tenant) =>
        Assert.Equal(tenant, Keys.GetTenantCode(pk));

    [Fact]
    public void Tenant_code_has_1_to_64_characters()
    {
        Assert.True(Keys.IsTenantCode("a"));
        Assert.True(Keys.IsTenantCode(new string('a', 64)));
        Assert.False(Keys.IsTenantCode(""));
        Assert.False(Keys.IsTenantCode(new string('a', 65)));
    }

    // Conformance 17.
    [Theory]
    [InlineData("#")]
    [InlineData("a/b")]
    [InlineData("%41")]
    [InlineData(" a b ")]
    [InlineData("...")]
    [InlineData("Stuhl-äöü-椅子-🪑")]
    [InlineData("a+b?c&d=e;f,g'h\"i\\j")]
    public void Sort_keys_may_have_any_visible_character(string sk) => Assert.Null(Keys.CheckSk(sk));

    // Conformance 17.
    [Theory]
    [InlineData("", "empty")]
    [InlineData(".", "'.'")]
    [InlineData("..", "'..'")]
    [InlineData("a@b", "'@'")]
    [InlineData("a\u0000b", "NUL")]
    [InlineData("a\nb", "control")]
    [InlineData("a\u007fb", "control")]
    [InlineData("a\u0085b", "control")]
    public void Sort_keys_that_could_not_be_told_apart_or_addressed_are_refused(string sk, string reason) =>
        Assert.Contains(reason, Keys.CheckSk(sk));

    // Not inline data: attributes are kept in UTF-8, which has no lone surrogates.
    [Fact]
    public void Sort_keys_with_half_a_character_are_refused() =>
        Assert.All(["a\ud800b", "a\udc00", "\ud83e"], sk => Assert.Contains("surrogate", Keys.CheckSk(sk)));

    // Conformance 17.
    [Fact]
    public void Sort_keys_have_at_most_512_characters_and_800_bytes()
    {
        Assert.Null(Keys.CheckSk(new string('a', 512)));
        Assert.Contains("512 characters", Keys.CheckSk(new string('a', 513)));
        Assert.Null(Keys.CheckSk(new string('\u00e4', 400)));
        Assert.Contains("800 bytes", Keys.CheckSk(new string('\u00e4', 401)));
        // A character outside the basic plane is one, though .NET counts two; here the bytes are what is too many.
        Assert.Null(Keys.CheckSk(string.Concat(Enumerable.Repeat("🪑", 200))));
        Assert.Contains("800 bytes", Keys.CheckSk(string.Concat(Enumerable.Repeat("🪑", 201))));
    }

    [Fact]
    public void Texts_are_counted_in_characters_as_people_count_them()
    {
        Assert.Null(Keys.CheckText(string.Concat(Enumerable.Repeat("🪑", 500)), 500));
        Assert.NotNull(Keys.CheckText(string.Concat(Enumerable.Repeat("🪑", 501)), 500));
    }

    [Fact]
    public void Codes_may_have_what_a_sort_key_may_not_but_no_more_of_it()
    {
        Assert.Null(Keys.CheckCode("a@b"));
        Assert.Null(Keys.CheckCode("."));
        Assert.NotNull(Keys.CheckCode(""));
        Assert.NotNull(Keys.CheckCode(new string('a', 513)));
        Assert.NotNull(Keys.CheckCode(new string('\u20ac', 267)));
    }

    [Fact]
    public void Generated_sort_keys_are_ULIDs_that_sort_by_their_time()
    {
        var earlier = Keys.GenerateSk();
        SpinWait.SpinUntil(() => Keys.GenerateSk()[..10] != earlier[..10], TimeSpan.FromSeconds(5));
        var later = Keys.GenerateSk();

        Assert.True(Keys.IsUlid(earlier));
        Assert.Null(Keys.CheckSk(earlier));
        Assert.True(Keys.CompareSk(earlier, later) < 0);
        Assert.Equal(10_000, Enumerable.Range(0, 10_000).Select(_ => Keys.GenerateSk()).Distinct().Count());
    }

    [Theory]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAV", true)]
    [InlineData("01arz3ndektsv4rrffq69g5fav", true)]
    [InlineData("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", true)]
    [InlineData("8ZZZZZZZZZZZZZZZZZZZZZZZZZ", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FA", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAVX", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAI", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAL", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAO", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAU", false)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5F-V", false)]
    public void ULIDs_are_told_by_their_form(string text, bool isUlid) => Assert.Equal(isUlid, Keys.IsUlid(text));
}

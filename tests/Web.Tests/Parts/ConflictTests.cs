using Product.Web.Api;
using Product.Web.Products.Edit;
using Product.Web.Products.Form;

namespace WebTests.Parts;

public sealed class ConflictTests
{
    private static readonly ProductEntity Original = new()
    {
        Id = "PRODUCT#acme#1",
        Pk = "PRODUCT#acme",
        Sk = "1",
        Code = "C-1",
        Name = "Chair",
        Version = 1,
        Seq = 5,
        Ttl = 4_102_401_600,
        Attributes = new() { Category = "Seats", Price = 12.50m, Specification = new() { Weight = "7 kg", Dimensions = "1 x 1" } },
    };

    private static ProductForm Form => ProductForm.From(Original);

    [Fact]
    public void A_patch_holds_what_was_changed_and_null_for_what_was_taken_away()
    {
        var wanted = Form with { Name = "Stool", Price = "12.5", Category = "", Weight = null, SortNumber = "6", Expires = "2099-12-31T12:00" };
        Assert.Equal(
            """{"name":"Stool","attributes":{"category":null,"specification":{"weight":null}},"seq":6}""",
            ProductPatch.Of(Form, wanted).ToJsonString());
        Assert.Empty(ProductPatch.Of(Form, Form with { Price = " 12.500 ", Description = "" }));
    }

    [Fact]
    public void A_price_is_written_with_every_digit() =>
        Assert.Equal(
            """{"attributes":{"price":12345678901234567890.12345678}}""",
            ProductPatch.Of(Form, Form with { Price = "12345678901234567890.12345678" }).ToJsonString());

    [Fact]
    public void What_only_one_of_the_two_changed_is_chosen_already_and_what_both_changed_is_asked()
    {
        var theirs = Original with { Version = 2, Name = "Theirs", Seq = 6, Attributes = Original.Attributes with { Category = "Both" } };
        var conflict = new Conflict(Original, Form with { Name = "Mine", Price = "13", Category = "Both" }, theirs);

        Assert.Equal(
            [("Name", null), ("Price", Side.Mine), ("Sort number", (Side?)Side.Theirs)],
            conflict.Fields.Select(field => (field.Field.Label, field.Choice)));
        Assert.False(conflict.IsDecided);
        conflict.Fields[0].Choice = Side.Mine;
        Assert.True(conflict.IsDecided);
        Assert.Equal(
            """{"name":"Mine","attributes":{"price":13}}""", ProductPatch.Of(ProductForm.From(theirs), conflict.Merge()).ToJsonString());
    }

    [Fact]
    public void That_they_deleted_it_is_a_field_like_any_other()
    {
        var theirs = Original with { Version = 2, IsDeleted = true };
        var conflict = new Conflict(Original, Form with { Name = "Mine" }, theirs);
        conflict.ChooseAll(Side.Mine);
        Assert.Equal("""{"name":"Mine","isDeleted":null}""", ProductPatch.Of(ProductForm.From(theirs), conflict.Merge()).ToJsonString());
    }
}

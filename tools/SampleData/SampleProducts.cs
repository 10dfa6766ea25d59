using System.Globalization;

namespace SampleData;

/// <summary>
/// Products as a shop has them, made from a seed: the same seed and number give the same product wherever and however many are made.
/// </summary>
public static class SampleProducts
{
    /// <summary>Products 1 to <paramref name="count"/> of a seed.</summary>
    public static IEnumerable<SampleProduct> Generate(int count, int seed) =>
        Enumerable.Range(1, count).Select(number => Create(number, seed));

    /// <summary>The beginning of all codes of a seed.</summary>
    public static string CodePrefix(int seed) => string.Create(CultureInfo.InvariantCulture, $"S{seed}-");

    private static SampleProduct Create(int number, int seed)
    {
        var random = new SeededRandom(((ulong)(uint)seed << 32) | (uint)number);
        var assortment = random.Pick(Assortment.All);
        var thing = random.Pick(assortment.Things);
        var material = random.Pick(assortment.Materials);
        var line = random.Pick(Assortment.Lines);
        var colour = random.Pick(Assortment.Colours);
        var price = thing.MinPrice + random.Next(thing.MaxPrice - thing.MinPrice);
        var cents = random.Pick([0, 50, 90, 95, 99]);
        var grams = thing.MinGrams + random.Next(thing.MaxGrams - thing.MinGrams);

        // The number makes the code unique; it has at least six digits, so that codes sort as they were made.
        var code = string.Create(CultureInfo.InvariantCulture, $"{CodePrefix(seed)}{assortment.Short}-{number:000000}");
        return new SampleProduct(
            $"{line} {thing.Name}, {colour}",
            code,
            new SampleAttributes(
                assortment.Category,
                price + (cents / 100m),
                $"{thing.Name} of the line {line} in {material.ToLowerInvariant()}, {random.Pick(assortment.Uses)}.",
                new SampleSpecification(Weight(grams), Dimensions(ref random, grams))));
    }

    private static string Weight(int grams) =>
        grams < 1000 ? $"{grams} g" : string.Create(CultureInfo.InvariantCulture, $"{grams / 1000m:0.0} kg");

    // About as large as something of that weight is: between 2 and 5 litres for a kilogram.
    private static string Dimensions(ref SeededRandom random, int grams)
    {
        var edge = (int)Math.Ceiling(Math.Cbrt(grams * (2 + random.Next(4))));
        var (width, depth, height) = (edge + random.Next(edge + 1), Math.Max(1, edge - random.Next((edge / 2) + 1)), edge + random.Next(edge + 1));
        return $"{width} x {depth} x {height} cm";
    }
}

// Makes sample products, and loads them into a running application.
using System.Globalization;
using SampleData;

const string Usage = """
    SampleData generate [--count 1000] [--seed 7]
        writes a JSON array for POST /api/product/bulk, one product on a line
    SampleData post [--count 1000] [--seed 7] [--tenant demo] [--api http://localhost:5080] [--patience 30]
        posts the products and waits until search finds them; gives up when it finds no more for that many seconds
    """;

try
{
    var arguments = Arguments.Parse(args, "--count", "--seed", "--tenant", "--api", "--patience");
    var count = arguments.Number("--count", 1000, 1);
    var seed = arguments.Number("--seed", 7, 0);
    return arguments.Verb switch
    {
        "generate" => Generate(count, seed),
        "post" => await PostAsync(
            arguments.Text("--api", "http://localhost:5080"), arguments.Text("--tenant", "demo"), count, seed, arguments.Number("--patience", 30, 1)),
        _ => throw new FormatException($"There is no verb {arguments.Verb}."),
    };
}
catch (FormatException wrong)
{
    Console.Error.WriteLine($"{wrong.Message}\n\n{Usage}");
    return 2;
}

static int Generate(int count, int seed)
{
    using var output = new StreamWriter(Console.OpenStandardOutput()) { NewLine = "\n" };
    output.WriteLine("[");
    foreach (var (i, product) in SampleProducts.Generate(count, seed).Index())
    {
        output.Write(product.ToJson());
        output.WriteLine(i + 1 < count ? "," : "");
    }

    output.WriteLine("]");
    return 0;
}

static async Task<int> PostAsync(string api, string tenant, int count, int seed, int patienceInSeconds)
{
    using var http = new HttpClient { BaseAddress = new Uri(api) };
    try
    {
        var loaded = await Loader.LoadAsync(
            http, tenant, count, seed, TimeSpan.FromSeconds(patienceInSeconds), Console.Error.WriteLine, CancellationToken.None);
        var rate = (loaded.Posted.New + loaded.Posted.AlreadyThere) / loaded.PostedIn.TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{loaded.Posted.New} new, {loaded.Posted.AlreadyThere} already there, {loaded.Posted.Errors.Count} failed: "
            + $"{loaded.PostedIn.TotalSeconds:0.0} s, {rate:0} products/s."));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Search finds {loaded.InReadModel} of {loaded.Expected} in Postgres, {loaded.SearchableIn.TotalSeconds:0.0} s after the first was posted."));
        foreach (var error in loaded.Posted.Errors.Take(10))
        {
            Console.Error.WriteLine(error);
        }

        return loaded.IsComplete ? 0 : 1;
    }
    catch (HttpRequestException failed)
    {
        Console.Error.WriteLine(failed.Message);
        return 1;
    }
}

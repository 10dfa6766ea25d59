// Files to and from the API, from the command line.
using Transfer;

const string Usage =
    """
    dotnet run --project tools/Transfer -- import FILE [options]     a .csv, .jsonl or .ndjson file
    dotnet run --project tools/Transfer -- export FILE [options]     - writes to the standard output

      --url URL          the API (http://localhost:5080)
      --tenant TENANT    the tenant (demo); with a token of your own, the tenant is in it
      --token TOKEN      a token (environment PRODUCT_TOKEN); in Development one is made
      --charset NAME     import: the encoding of the file (utf-8)
      --filter QUERY     export: filters of the search, for example category=Garden&maxPrice=20
    """;

using var cancel = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    cancel.Cancel();
};

try
{
    var options = Options.Parse(args);
    using var api = await Api.ConnectAsync(options, cancel.Token);
    return options.Verb switch
    {
        "import" => await Import.RunAsync(api, options, cancel.Token),
        _ => await Export.RunAsync(api, options, cancel.Token),
    };
}
catch (FormatException wrong)
{
    Console.Error.WriteLine($"{wrong.Message}\n\n{Usage}");
    return 2;
}
catch (Exception failed) when (failed is HttpRequestException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(failed.Message);
    return 1;
}
catch (OperationCanceledException) when (cancel.IsCancellationRequested)
{
    Console.Error.WriteLine("\nStopped. To go on, run it again: rows that are there already are skipped.");
    return 130;
}

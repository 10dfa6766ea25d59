namespace Transfer;

/// <summary>Writes what the API exports to a file.</summary>
internal static class Export
{
    public static async Task<int> RunAsync(HttpClient api, Options options, CancellationToken cancellationToken)
    {
        var format = options.ContentType == "text/csv" ? "csv" : "jsonl";
        using var response = await api.GetAsync(
            $"/api/product/export?format={format}&{options.Filter}", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await Api.EnsureSuccessAsync(response, cancellationToken);
        if (options.File == "-")
        {
            await using var output = Console.OpenStandardOutput();
            await response.Content.CopyToAsync(output, cancellationToken);
            return 0;
        }

        // Aside first: an export that breaks off leaves no file that looks whole.
        var draft = $"{options.File}.part";
        await using (var file = File.Create(draft))
        {
            await response.Content.CopyToAsync(file, cancellationToken);
        }

        File.Move(draft, options.File, overwrite: true);
        Console.WriteLine($"{options.File}: {new FileInfo(options.File).Length:N0} bytes");
        return 0;
    }
}

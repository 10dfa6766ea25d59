namespace Transfer;

/// <summary>The command line: a verb, a file and options of the form <c>--name value</c>.</summary>
internal sealed record Options(string Verb, string File, Uri Url, string Tenant, string? Token, string? Charset, string? Filter)
{
    private static readonly string[] Known = ["--url", "--tenant", "--token", "--charset", "--filter"];

    /// <summary>The media type that the name of the file tells.</summary>
    public string ContentType => Path.GetExtension(File).ToLowerInvariant() is ".jsonl" or ".ndjson" ? "application/x-ndjson" : "text/csv";

    /// <exception cref="FormatException">The arguments are not of that form.</exception>
    public static Options Parse(string[] args)
    {
        if (args is not ["import" or "export", { Length: > 0 } file, .. var rest])
        {
            throw new FormatException("A verb (import or export) and a file are required.");
        }

        var options = new Dictionary<string, string>();
        for (var i = 0; i < rest.Length; i += 2)
        {
            if (!Known.Contains(rest[i]) || i + 1 == rest.Length)
            {
                throw new FormatException($"The option {rest[i]} is not known, or has no value.");
            }

            options[rest[i]] = rest[i + 1];
        }

        if (args[0] == "import" && !System.IO.File.Exists(file))
        {
            throw new FormatException($"There is no file {file}.");
        }

        return Uri.TryCreate(options.GetValueOrDefault("--url", "http://localhost:5080"), UriKind.Absolute, out var url)
            ? new Options(
                args[0],
                file,
                url,
                options.GetValueOrDefault("--tenant", "demo"),
                options.GetValueOrDefault("--token") ?? Environment.GetEnvironmentVariable("PRODUCT_TOKEN"),
                options.GetValueOrDefault("--charset"),
                options.GetValueOrDefault("--filter"))
            : throw new FormatException("The option --url must be an address.");
    }
}

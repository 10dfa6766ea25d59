using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Transfer;

/// <summary>Sends a file and shows how its import goes.</summary>
internal static class Import
{
    private const int BarWidth = 30;

    public static async Task<int> RunAsync(HttpClient api, Options options, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(options.File);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/product/import?wait=30")
        {
            Content = new FileContent(file)
            {
                Headers = { ContentType = new MediaTypeHeaderValue(options.ContentType) { CharSet = options.Charset } },
            },
        };
        using var response = await api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await Api.EnsureSuccessAsync(response, cancellationToken);

        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            using var report = JsonDocument.Parse(line);
            var root = report.RootElement;
            switch (root.GetProperty("type").GetString())
            {
                case "error":
                    Clear();
                    Console.WriteLine($"line {root.GetProperty("line").GetInt32()}: {Text(root, "field")}{Text(root, "value")}{root.GetProperty("reason").GetString()}");
                    break;
                case "progress":
                    Show((double)file.Position / Math.Max(1, file.Length), root);
                    break;
                default:
                    Clear();
                    Console.WriteLine(Counts(root));
                    return Finish(root);
            }
        }

        throw new IOException("The answer broke off. Run it again: rows that are there already are skipped.");
    }

    private static int Finish(JsonElement summary)
    {
        var listed = summary.GetProperty("errorsListed").GetInt64();
        if (summary.GetProperty("failed").GetInt64() > listed)
        {
            Console.WriteLine($"Only the first {listed} errors are listed.");
        }

        if (summary.GetProperty("syncing").GetInt64() is > 0 and var syncing)
        {
            Console.WriteLine($"{syncing} rows are stored and still syncing: search and export show them in a while.");
        }

        if (summary.TryGetProperty("error", out var error))
        {
            Console.Error.WriteLine(error.GetString());
        }

        return summary.GetProperty("completed").GetBoolean() && summary.GetProperty("failed").GetInt64() == 0 ? 0 : 1;
    }

    // Rows are sent a little ahead of the import. The counts say how far the import is.
    private static void Show(double share, JsonElement progress)
    {
        if (Console.IsErrorRedirected)
        {
            return;
        }

        var done = (int)(share * BarWidth);
        Console.Error.Write($"\r[{new string('#', done)}{new string('.', BarWidth - done)}] {share,4:P0}  {Counts(progress)} ");
    }

    private static void Clear()
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write("\r\u001b[K");
        }
    }

    private static string Counts(JsonElement totals) =>
        $"{totals.GetProperty("rows").GetInt64()} rows: {totals.GetProperty("created").GetInt64()} created, {totals.GetProperty("updated").GetInt64()} updated, "
        + $"{totals.GetProperty("skipped").GetInt64()} skipped, {totals.GetProperty("failed").GetInt64()} failed";

    private static string Text(JsonElement error, string name) => error.TryGetProperty(name, out var value) ? $"{value.GetString()}: " : "";

    /// <summary>A file as a body that is read only as fast as it is taken.</summary>
    private sealed class FileContent(FileStream file) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => file.CopyToAsync(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = file.Length;
            return true;
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace WebTests;

public sealed class ImportTests(WebStack web)
{
    [Fact]
    public async Task A_file_of_5000_rows_is_imported_with_progress_and_what_failed_is_told_line_by_line()
    {
        var tenant = WebStack.NewTenant();
        await using var visitor = await web.SignInAsync(tenant);
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Import" }).First.ClickAsync();
        var csv = new StringBuilder("sk,name,category,price,description\r\n");
        for (var row = 1; row <= 5000; row++)
        {
            var price = row % 1000 == 0 ? "cheap" : row.ToString(CultureInfo.InvariantCulture);
            csv.Append(CultureInfo.InvariantCulture, $"row-{row:0000},Product {row},Imported,{price},\"Long, with a line end\r\nand a \"\"quote\"\" {new string('x', 60)}\"\r\n");
        }

        await ImportAsync(visitor, "products.csv", Encoding.UTF8.GetBytes(csv.ToString()));
        var status = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Progress" }).GetByRole(AriaRole.Status);
        await Expect(status).ToHaveTextAsync(new Regex("^\\d+ % · [\\d,]+ rows/s( · \\d+ (s|min) left)?$"));
        await Expect(status).ToHaveTextAsync(new Regex("^Finished in .+ rows/s\\.$"), new() { Timeout = 90_000 });
        await ExpectCountsAsync(visitor, rows: "5,000", created: "4,995", skipped: "0", failed: "5");
        var errors = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Rows that failed" });
        await Expect(errors.GetByRole(AriaRole.Row)).ToHaveCountAsync(6);
        // Each row before it takes two lines.
        await Expect(errors.GetByRole(AriaRole.Row).Nth(1)).ToHaveTextAsync(new Regex("2000\\s*price\\s*cheap\\s*must be a number"));
        await Expect(errors.GetByRole(AriaRole.Row).Last).ToContainTextAsync("10000");

        var download = await visitor.Page.RunAndWaitForDownloadAsync(() => visitor.Button("Download report").ClickAsync());
        Assert.Equal("products.csv.errors.csv", download.SuggestedFilename);
        var report = await File.ReadAllLinesAsync(await download.PathAsync(), TestContext.Current.CancellationToken);
        Assert.Equal(6, report.Length);
        Assert.StartsWith("2000,price,cheap,", report[1], StringComparison.Ordinal);

        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "← Products" }).ClickAsync();
        await Expect(visitor.Status).ToHaveTextAsync("4,995 products", new() { Timeout = 60_000 });

        await visitor.Page.GotoAsync("/products/import");
        await ImportAsync(visitor, "again.csv", Encoding.UTF8.GetBytes(csv.ToString()));
        await Expect(status).ToHaveTextAsync(new Regex("^Finished"), new() { Timeout = 90_000 });
        await ExpectCountsAsync(visitor, rows: "5,000", created: "0", skipped: "4,995", failed: "5");
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task Json_lines_and_files_in_other_encodings_are_imported_too_and_a_wrong_encoding_is_told()
    {
        await using var visitor = await web.SignInAsync();
        await visitor.Page.GotoAsync("/products/import");
        await ImportAsync(visitor, "products.jsonl", """
            {"sk":"a","name":"Ä","attributes":{"price":1.50}}
            {"sk":"b"
            {"sk":"c","name":"C"}
            """u8.ToArray());
        await ExpectCountsAsync(visitor, rows: "3", created: "2", skipped: "0", failed: "1");
        await Expect(visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Rows that failed" }).GetByRole(AriaRole.Row).Last).ToContainTextAsync("2");

        var latin = Encoding.Latin1.GetBytes("sk,name\nd,Stühle\n");
        await ImportAsync(visitor, "latin.csv", latin);
        await ExpectCountsAsync(visitor, rows: "1", created: "0", skipped: "0", failed: "1");
        await Expect(visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Rows that failed" })).ToContainTextAsync("not of the declared encoding");
        await visitor.Page.GetByLabel("Encoding of the file").SelectOptionAsync("windows-1252");
        await visitor.Button("Import").ClickAsync();
        await ExpectCountsAsync(visitor, rows: "1", created: "1", skipped: "0", failed: "0");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "← Products" }).ClickAsync();
        await Expect(visitor.Page.GetByText("Stühle")).ToBeVisibleAsync();
        await Expect(visitor.Page.GetByText("Ä")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_file_can_be_dropped_onto_the_page_and_an_import_can_be_stopped()
    {
        await using var visitor = await web.SignInAsync();
        await visitor.Page.GotoAsync("/products/import");
        await Expect(visitor.Page.GetByLabel("Drop a file here, or choose one")).ToBeEnabledAsync();
        await visitor.Page.EvaluateAsync("""
            () => {
              const data = new DataTransfer();
              const rows = Array.from({ length: 50000 }, (_, row) => `dropped-${row},Dropped ${row}`);
              data.items.add(new File(['sk,name\n' + rows.join('\n')], 'dropped.csv'));
              document.querySelector('.zone').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
            }
            """);
        await Expect(visitor.Page.GetByText("dropped.csv")).ToBeVisibleAsync();
        await visitor.Button("Import").ClickAsync();
        await visitor.Button("Stop").ClickAsync();
        await Expect(visitor.Page.GetByText("Stopped after")).ToBeVisibleAsync();
        await Expect(visitor.Button("Import")).ToBeEnabledAsync();
    }

    [Theory]
    [InlineData("OnProgress", true, "Stopped after")]
    [InlineData("OnEnded", false, "Finished in")]
    public async Task An_import_outlasts_a_connection_that_is_lost_and_can_still_be_stopped(string lost, bool isStopped, string outcome)
    {
        await using var visitor = await web.SignInAsync();
        var isLost = false;
        await visitor.Page.RouteWebSocketAsync(new Regex("/_blazor"), socket =>
        {
            var server = socket.ConnectToServer();
            socket.OnMessage(frame =>
            {
                if (!isLost && Encoding.UTF8.GetString(frame.Binary ?? []).Contains(lost, StringComparison.Ordinal))
                {
                    isLost = true;
                    _ = server.CloseAsync();
                    _ = socket.CloseAsync();
                }
                else if (frame.Binary is { } bytes)
                {
                    server.Send(bytes);
                }
                else
                {
                    server.Send(frame.Text!);
                }
            });
        });
        await visitor.Page.GotoAsync("/products/import");
        var rows = Enumerable.Range(0, isStopped ? 50_000 : 100).Select(row => $"row-{row},Product {row}");
        await ImportAsync(visitor, "products.csv", Encoding.UTF8.GetBytes($"sk,name\n{string.Join('\n', rows)}"));
        if (isStopped)
        {
            await Expect(visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Progress" }).GetByRole(AriaRole.Status)).ToHaveTextAsync(new Regex("rows/s"));
            await Eventually.IsTrueAsync("the connection is lost", () => Task.FromResult(isLost));
            await Expect(visitor.Page.GetByRole(AriaRole.Definition).First).Not.ToHaveTextAsync("0");
            await visitor.Button("Stop").ClickAsync();
        }

        await Expect(visitor.Page.GetByText(outcome)).ToBeVisibleAsync();
        Assert.True(isLost);
        await Expect(visitor.Button("Import")).ToBeEnabledAsync();
    }

    [Fact]
    public async Task A_file_is_cut_between_rows_only()
    {
        await using var visitor = await web.SignInAsync();
        var failure = await visitor.Page.EvaluateAsync<string?>("""
            async () => {
              const { pieces } = await import('/import-rows.js');
              const header = 'sk,"na\nme"\n';
              const cells = ['plain', '"quoted"', '"two\nlines"', '"a ""quote"" and, a comma"', 'stray " quote', '""', 'é'.repeat(50)];
              let body = '';
              for (let row = 0; row < 60000; row++) {
                body += `${cells[row % 7]},${cells[(row * 31 + 3) % 7]}${row % 2 ? '\r\n' : '\n'}`;
              }
              let together = '';
              let last = 0;
              let count = 0;
              for await (const piece of pieces(new File([header + body], 'a.csv'), true, 'utf-8')) {
                if (!piece.text.startsWith(header)) return 'a piece without header';
                if (piece.text.length > 300 * 1024) return 'a piece too long';
                if (piece.lineOffset !== (together.match(/\n/g) ?? []).length) return `line offset ${piece.lineOffset}`;
                if (piece.bytes < last) return 'bytes go back';
                const quotes = piece.text.replaceAll('stray "', 'stray').split('"').length - 1;
                if (quotes % 2 !== 0) return 'cut within quotes';
                together += piece.text.slice(header.length);
                last = piece.bytes;
                count++;
              }
              return together === body && count > 3 && last === new Blob([header + body]).size ? null : `${count} pieces, ${last} bytes`;
            }
            """);
        Assert.Null(failure);
    }

    [Fact]
    public async Task Rows_are_taken_only_from_a_page_of_this_site_and_from_who_is_signed_in()
    {
        await using var visitor = await web.SignInAsync();
        var status = await visitor.Page.EvaluateAsync<int>(
            "async () => (await fetch('/products/import/rows', { method: 'POST', headers: { 'Content-Type': 'text/csv' }, body: 'sk,name\\na,A' })).status");
        Assert.Equal(400, status);

        using var stranger = web.PlainClient();
        using var rows = new StringContent("sk,name\na,A", Encoding.UTF8, "text/csv");
        using var refused = await stranger.PostAsync(new Uri("/products/import/rows", UriKind.Relative), rows, TestContext.Current.CancellationToken);
        Assert.Equal(401, (int)refused.StatusCode);
    }

    private static async Task ImportAsync(Visitor visitor, string name, byte[] content)
    {
        var input = visitor.Page.GetByLabel("Drop a file here, or choose one");
        await Expect(input).ToBeEnabledAsync();
        await input.SetInputFilesAsync(new FilePayload { Name = name, MimeType = "application/octet-stream", Buffer = content });
        await Expect(visitor.Page.GetByText(name)).ToBeVisibleAsync();
        await visitor.Button("Import").ClickAsync();
    }

    private static async Task ExpectCountsAsync(Visitor visitor, string rows, string created, string skipped, string failed)
    {
        foreach (var (what, count) in new[] { ("Rows", rows), ("New", created), ("Skipped", skipped), ("Failed", failed) })
        {
            await Expect(visitor.Page.Locator(".count").Filter(new() { HasText = what }).GetByRole(AriaRole.Definition)).ToHaveTextAsync(count);
        }
    }
}

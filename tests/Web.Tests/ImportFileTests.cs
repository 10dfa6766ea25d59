using System.Globalization;
using System.Text.RegularExpressions;
using ImportFiles;
using Microsoft.Playwright;

namespace WebTests;

/// <summary>Files that the API imports with the same result: Stack.Tests.</summary>
public sealed class ImportFileTests(WebStack web)
{
    [Fact]
    public async Task Files_HaveTheResultThatTheApiGives()
    {
        await using var visitor = await web.SignInAsync();
        foreach (var file in ImportFileSet.All)
        {
            await ImportAsync(visitor, file);
        }
    }

    private static async Task ImportAsync(Visitor visitor, ImportFile file)
    {
        var page = visitor.Page;
        // The one before would still show its result.
        await page.GotoAsync("/products/import");
        var input = page.GetByLabel("Drop a file here, or choose one");
        await Expect(input).ToBeEnabledAsync();
        await input.SetInputFilesAsync(new FilePayload { Name = file.Name, MimeType = "application/octet-stream", Buffer = file.Content });
        await visitor.Button("Import").ClickAsync();

        var status = page.GetByRole(AriaRole.Region, new() { Name = "Progress" }).GetByRole(AriaRole.Status);
        try
        {
            if (file.Refusal is null)
            {
                await Expect(status).ToHaveTextAsync(new Regex("^Finished"), new() { Timeout = 60_000 });
            }
            else
            {
                await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(file.Refusal, new() { Timeout = 60_000 });
            }

            await ExpectCountAsync(page, "Rows", file.Rows);
            await ExpectCountAsync(page, "New", file.Created);
            await ExpectCountAsync(page, "Failed", file.Refusal is null ? file.Errors.Count : 0);
            var rows = page.GetByRole(AriaRole.Region, new() { Name = "Rows that failed" }).GetByRole(AriaRole.Row);
            await Expect(rows).ToHaveCountAsync(file.Errors.Count == 0 ? 0 : file.Errors.Count + 1);
            var texts = await rows.AllInnerTextsAsync();
            Assert.All(file.Errors.Zip(texts.Skip(1)), pair =>
            {
                Assert.StartsWith(pair.First.Line.ToString(CultureInfo.InvariantCulture), pair.Second.Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
                Assert.Contains(pair.First.Reason, pair.Second, StringComparison.Ordinal);
            });
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"{file.Name} came out another way.", fault);
        }
    }

    private static Task ExpectCountAsync(IPage page, string what, int count) => Expect(page.Locator(".count").Filter(new() { HasText = what }).GetByRole(AriaRole.Definition))
        .ToHaveTextAsync(count.ToString("N0", CultureInfo.InvariantCulture));
}

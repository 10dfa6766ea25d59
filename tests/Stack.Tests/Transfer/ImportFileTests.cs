using ImportFiles;

namespace StackTests.Transfer;

/// <summary>Files that the page imports with the same result: Web.Tests.</summary>
public sealed class ImportFileTests(Stack stack)
{
    public static TheoryData<string> Names => [.. ImportFileSet.All.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task File_HasItsOneResult(string name)
    {
        var file = ImportFileSet.All.Single(file => file.Name == name);
        var client = await stack.ClientAsync();

        var answer = await client.ImportAsync(file.Content, file.IsCsv ? TransferClient.Csv : TransferClient.JsonLines);

        var counts = new[] { "rows", "created", "failed" }.Select(count => answer.Summary[count]!.GetValue<int>());
        Assert.Equal([file.Rows, file.Created, file.Refusal is null ? file.Errors.Count : 0], counts);
        Assert.Equal(file.Errors.Select(error => error.Line), answer.Errors.Select(error => error["line"]!.GetValue<int>()));
        Assert.All(file.Errors.Zip(answer.Errors), pair => Assert.StartsWith(pair.First.Reason, pair.Second["reason"]!.GetValue<string>(), StringComparison.Ordinal));
        Assert.Equal(file.Refusal is null, answer.Summary["completed"]!.GetValue<bool>());
        Assert.Equal(file.Refusal, answer.Summary["error"]?.GetValue<string>());
    }
}

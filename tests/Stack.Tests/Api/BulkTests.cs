using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Modules.Http;

namespace StackTests.Api;

/// <summary>Elements of a bulk request whose publish throws: a defect of ours, which no request can bring about.</summary>
public sealed class BulkTests
{
    [Fact]
    public async Task An_element_that_fails_by_a_defect_does_not_hide_the_fate_of_the_others()
    {
        var elements = JsonDocument.Parse("[0,1,2,3]").RootElement.EnumerateArray().ToList();

        var answer = await Bulk.RunAsync(
            elements,
            element => element.GetInt32() < 2 ? "same" : null,
            (element, _) => element.GetInt32() switch
            {
                0 => throw new InvalidOperationException("a defect"),
                2 => throw new TimeoutException("a store that is down"),
                _ => Task.FromResult(new BulkElement(201)),
            },
            NullLogger.Instance,
            TestContext.Current.CancellationToken);

        Assert.Equal([500, 201, 503, 201], answer.Value!.Select(element => element.Status));
        Assert.Equal(207, answer.StatusCode);
        Assert.Equal(("error", "unavailable"), (answer.Value![0].Error!.Extensions["code"], answer.Value[2].Error!.Extensions["code"]));
        Assert.DoesNotContain("defect", answer.Value[0].Error!.Detail);
    }
}

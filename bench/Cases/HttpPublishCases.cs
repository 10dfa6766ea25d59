using System.Net;
using System.Net.Http.Json;
using Cqrs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Modules.Products;

namespace Bench.Cases;

/// <summary>
/// Publishing over HTTP with all that it includes (token, validation, session entry), against the conditional put of the same item at the same
/// concurrency. The worker is stopped: what it does with the commands is measured by the catch-up, and would take the same cores.
/// </summary>
internal static class HttpPublishCases
{
    private static readonly int[] Concurrencies = [1, 16, 64];

    public static Task CreateAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("publish-create-http", stack, isQuick, isUpdate: false, cancellationToken);

    public static Task UpdateAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("publish-update-http", stack, isQuick, isUpdate: true, cancellationToken);

    public static async Task BulkAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        const int InRequest = 100;
        await using var quiet = await stack.WithoutWorkerAsync(cancellationToken);
        await using var kernel = await stack.StartKernelAsync("", withWorkers: false, cancellationToken);
        var raw = new RawTable(stack, kernel.Services.GetRequiredService<TableNames>().Command(ProductModule.Kernel));
        using var http = await stack.SignInAsync("bulk", cancellationToken);
        await raw.WarmUpAsync(isQuick, cancellationToken);
        await PostManyAsync(http, 0, InRequest, cancellationToken);
        var requests = isQuick ? 6 : 30;
        foreach (var conc in new[] { 1, 4 })
        {
            var rounds = await Rounds.RunAsync(
                isQuick,
                () => Load.RunAsync(requests * InRequest, 16 * conc, i => raw.PutAsync(i, cancellationToken)),
                () => Load.RunAsync(requests, conc, i => PostManyAsync(http, i, InRequest, cancellationToken)));
            Report.Print("bulk", conc, rounds.Own * InRequest, "items/s", rounds.Raw, rounds.LatenciesMs);
        }
    }

    private static async Task RunAsync(string name, BenchStack stack, bool isQuick, bool isUpdate, CancellationToken cancellationToken)
    {
        await using var quiet = await stack.WithoutWorkerAsync(cancellationToken);
        await using var kernel = await stack.StartKernelAsync("", withWorkers: false, cancellationToken);
        var raw = new RawTable(stack, kernel.Services.GetRequiredService<TableNames>().Command(ProductModule.Kernel));
        using var http = await stack.SignInAsync("http", cancellationToken);
        var count = isQuick ? 400 : 3000;
        await raw.WarmUpAsync(isQuick, cancellationToken);
        await Load.RunAsync(isQuick ? 500 : 6000, 16, i => PostAsync(http, new { name = $"Warm {i}" }, HttpStatusCode.Created, cancellationToken));
        foreach (var conc in Concurrencies)
        {
            var sks = new string[count];
            var rounds = await Rounds.RunAsync(
                isQuick,
                () => Load.RunAsync(count, conc, i => raw.PutAsync(i, cancellationToken)),
                () => Load.RunAsync(count, conc, i => isUpdate
                    ? PostAsync(http, Sample.Body(i + 1, sks[i], version: 1), HttpStatusCode.OK, cancellationToken)
                    : PostAsync(http, Sample.Body(i), HttpStatusCode.Created, cancellationToken)),
                isUpdate ? () => CreateAsync(kernel, sks, cancellationToken) : null);
            Report.Print(name, conc, rounds.Own, "publishes/s", rounds.Raw, rounds.LatenciesMs);
        }
    }

    private static async Task CreateAsync(WebApplication kernel, string[] sks, CancellationToken cancellationToken)
    {
        var commands = kernel.Services.GetRequiredKeyedService<CommandService>(ProductModule.Name);
        for (var i = 0; i < sks.Length; i++)
        {
            sks[i] = Keys.GenerateSk();
        }

        await Load.RunAsync(sks.Length, 32, i => commands.PublishAsync(Sample.Create("http", sks[i], i), Sample.Options, cancellationToken));
    }

    private static async Task PostAsync(HttpClient http, object body, HttpStatusCode expected, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync("/api/product", body, cancellationToken);
        Expect(response, expected);
    }

    private static async Task PostManyAsync(HttpClient http, int request, int count, CancellationToken cancellationToken)
    {
        var bodies = Enumerable.Range(0, count).Select(i => Sample.Body((request * count) + i));
        using var response = await http.PostAsJsonAsync("/api/product/bulk", bodies, cancellationToken);
        Expect(response, HttpStatusCode.OK);
    }

    private static void Expect(HttpResponseMessage response, HttpStatusCode expected)
    {
        if (response.StatusCode != expected)
        {
            throw new InvalidOperationException($"The API answered {(int)response.StatusCode}, not {(int)expected}.");
        }
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Cqrs.Items;
using Cqrs.Publishing;
using Cqrs.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Products;

namespace Bench.Cases;

/// <summary>
/// Publishing over HTTP with all that it includes (token, validation, session entry), against the conditional put of the same item at the same
/// concurrency. The worker is stopped: what it does with the commands is measured by the catch-up, and takes the same cores. What is left beside it is
/// measured too.
/// </summary>
internal static class HttpPublishCases
{
    private static readonly int[] Concurrencies = [1, 16, 64];
    private static readonly Uri Path = new("/api/product", UriKind.Relative);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    public static Task CreateAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("publish-create-http", stack, isQuick, isUpdate: false, cancellationToken);

    public static Task UpdateAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken) =>
        RunAsync("publish-update-http", stack, isQuick, isUpdate: true, cancellationToken);

    public static async Task BulkAsync(BenchStack stack, bool isQuick, CancellationToken cancellationToken)
    {
        const int InRequest = 100;
        await using var quiet = await stack.WithoutWorkerAsync(cancellationToken);
        await using var kernel = await stack.StartKernelAsync("", withWorkers: false, cancellationToken);
        var raw = new RawTable(stack, kernel.Services.GetRequiredService<TableNames>());
        using var http = await stack.SignInAsync("bulk", cancellationToken);
        await raw.WarmUpAsync(isQuick, cancellationToken);
        var requests = isQuick ? 6 : 30;
        await PostManyAsync(http, requests, InRequest, 4, cancellationToken);
        foreach (var conc in new[] { 1, 4 })
        {
            var rounds = await Rounds.RunAsync(
                isQuick,
                [
                    () => PostManyAsync(http, requests, InRequest, conc, cancellationToken),
                    () => raw.PutAsync(requests * InRequest, 16 * conc, cancellationToken),
                ]);
            Report.Print("bulk", conc, new Figure(rounds[0].PerSecond * InRequest, "items/s", rounds[1].PerSecond, rounds[0].LatenciesMs));
        }
    }

    /// <summary>Requests of many products, so many at once.</summary>
    public static Task<Measured> PostManyAsync(HttpClient http, int requests, int inRequest, int atOnce, CancellationToken cancellationToken) =>
        Load.RunAsync(requests, atOnce, async request =>
        {
            var bodies = Enumerable.Range(0, inRequest).Select(i => Sample.Body((request * inRequest) + i));
            using var response = await http.PostAsJsonAsync("/api/product/bulk", bodies, cancellationToken);
            Expect(response, HttpStatusCode.OK);
        });

    private static async Task RunAsync(string name, BenchStack stack, bool isQuick, bool isUpdate, CancellationToken cancellationToken)
    {
        await using var kernel = await stack.StartKernelAsync("", withWorkers: false, cancellationToken);
        var raw = new RawTable(stack, kernel.Services.GetRequiredService<TableNames>());
        using var http = await stack.SignInAsync("http", cancellationToken);
        var count = isQuick ? 200 : 2500;
        await raw.WarmUpAsync(isQuick, cancellationToken);
        var warm = JsonSerializer.SerializeToUtf8Bytes(Sample.Body(0));
        await Load.RunAsync(isQuick ? 300 : 6000, 16, i => PostAsync(http, warm, HttpStatusCode.Created, cancellationToken));
        var (sks, bodies) = (new string[count], new byte[count][]);
        var besideWorker = new Dictionary<int, Measured>();
        foreach (var conc in Concurrencies)
        {
            besideWorker[conc] = (await Rounds.RunAsync(isQuick, [() => OwnAsync(conc)], PrepareAsync))[0];
        }

        await using var quiet = await stack.WithoutWorkerAsync(cancellationToken);
        foreach (var conc in Concurrencies)
        {
            var rounds = await Rounds.RunAsync(
                isQuick,
                [
                    () => OwnAsync(conc),
                    () => raw.PutAsync(count, conc, cancellationToken),
                    () => raw.PutWithSessionAsync(count, conc, cancellationToken),
                ],
                PrepareAsync);
            Report.Print(
                name,
                conc,
                new Figure(rounds[0].PerSecond, "publishes/s", rounds[1].PerSecond, rounds[0].LatenciesMs),
                new Figure(rounds[0].PerSecond, "publishes/s", rounds[2].PerSecond, What: "against a put beside a put of the session entry"),
                new Figure(
                    besideWorker[conc].PerSecond, "publishes/s", rounds[1].PerSecond, besideWorker[conc].LatenciesMs, "while the worker projects"));
        }

        async Task PrepareAsync()
        {
            if (isUpdate)
            {
                await CreateAsync(kernel, sks, cancellationToken);
            }

            for (var i = 0; i < count; i++)
            {
                bodies[i] = JsonSerializer.SerializeToUtf8Bytes(isUpdate ? Sample.Body(i + 1, sks[i], version: 1) : Sample.Body(i));
            }
        }

        Task<Measured> OwnAsync(int conc) => Load.RunAsync(
            count, conc, i => PostAsync(http, bodies[i], isUpdate ? HttpStatusCode.OK : HttpStatusCode.Created, cancellationToken));
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

    // As the requests of the raw counterpart, the bodies are made before the clock runs.
    private static async Task PostAsync(HttpClient http, byte[] body, HttpStatusCode expected, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = Json } };
        using var response = await http.PostAsync(Path, content, cancellationToken);
        Expect(response, expected);
    }

    private static void Expect(HttpResponseMessage response, HttpStatusCode expected)
    {
        if (response.StatusCode != expected)
        {
            throw new InvalidOperationException($"The API answered {(int)response.StatusCode}, not {(int)expected}.");
        }
    }
}

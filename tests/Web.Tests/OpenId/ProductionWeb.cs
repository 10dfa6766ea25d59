using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Product.Web.Api;

namespace WebTests.OpenId;

/// <summary>The front end as a process of its own, outside Development, beside the stack.</summary>
internal sealed class ProductionWeb : IAsyncDisposable
{
    private readonly Process process;

    private ProductionWeb(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    public Task<string> OutputAsync() => process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

    public static ProductionWeb Start(Uri api, IReadOnlyDictionary<string, string> settings)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}/");
        var start = new ProcessStartInfo("dotnet", [typeof(ApiServices).Assembly.Location])
        {
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        start.Environment["PRODUCT_API_HTTP"] = api.ToString();
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        // Or it stops when the pipe is full.
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return new(process, address);
    }

    public async Task<int> ExitCodeAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30));
        return process.ExitCode;
    }

    public Task IsUpAsync() => Eventually.IsTrueAsync("the front end answers", async () =>
    {
        using var http = new HttpClient();
        try
        {
            return (await http.GetAsync(new Uri(Address, "alive"), TestContext.Current.CancellationToken)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            Assert.False(process.HasExited, "The front end has ended.");
            return false;
        }
    });

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Product.Web.Api;

namespace WebTests.OpenId;

/// <summary>The front end as a process of its own, outside Development, beside the stack.</summary>
internal sealed class ProductionWeb : IAsyncDisposable
{
    private const string CertificatePassword = "of this test";

    // Outside Development cookies go by HTTPS only.
    private static readonly Lazy<string> Certificate = new(MakeCertificate);

    private readonly Process process;

    private ProductionWeb(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    public Task<string> OutputAsync() => process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

    public static ProductionWeb Start(Uri api, IReadOnlyDictionary<string, string> settings)
    {
        var address = new Uri($"https://127.0.0.1:{FreePort()}/");
        var start = new ProcessStartInfo("dotnet", [typeof(ApiServices).Assembly.Location])
        {
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        start.Environment["PRODUCT_API_HTTP"] = api.ToString();
        start.Environment["Kestrel__Certificates__Default__Path"] = Certificate.Value;
        start.Environment["Kestrel__Certificates__Default__Password"] = CertificatePassword;
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
        using var http = Client();
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

    /// <summary>A plain HTTP client of it: no browser, no redirects, no cookies.</summary>
    public HttpClient Client() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    })
    {
        BaseAddress = Address,
    };

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
    }

    private static string MakeCertificate()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var file = Path.Combine(AppContext.BaseDirectory, "production-web.pfx");
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pfx, CertificatePassword));
        return file;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

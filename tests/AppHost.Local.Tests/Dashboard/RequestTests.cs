using System.Diagnostics;
using System.IO.Compression;

namespace ProductAspire.Local.Tests.Dashboard;

/// <summary>The dashboard has no password, so it is careful whom it answers and what it takes.</summary>
public class RequestTests
{
    private static readonly byte[] NoProtobuf = "\u0007 this is no message"u8.ToArray();

    [Fact]
    public async Task Names_of_elsewhere_and_pages_of_elsewhere_are_refused()
    {
        await using var dashboard = await DashboardAlone.StartAsync();
        var own = dashboard.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

        foreach (var (host, origin, status) in new (string?, string?, int)[]
        {
            ("rebound.example", null, 403),
            ("localhost.example:80", null, 403),
            (null, "http://elsewhere.example", 403),
            (null, "null", 403),
            (null, "http://127.0.0.1:1", 403),
            (null, own, 200),
            (null, null, 200),
        })
        {
            Assert.Equal(status, await dashboard.PostAsync("/v1/traces", [], origin: origin, host: host));
        }

        // A form of any page can post, and every browser says from where.
        Assert.Equal(403, await dashboard.PostAsync("/resources/product-api/stop", []));
        Assert.Equal(403, await dashboard.PostAsync("/resources/product-api/stop", [], origin: "http://elsewhere.example"));
        Assert.Equal(404, await dashboard.PostAsync("/resources/no-such-resource/stop", [], origin: own));
    }

    [Fact]
    public async Task What_is_no_telemetry_or_too_much_is_refused()
    {
        await using var dashboard = await DashboardAlone.StartAsync();

        Assert.Equal(415, await dashboard.PostAsync("/v1/traces", [], type: "text/plain"));
        Assert.Equal(400, await dashboard.PostAsync("/v1/traces", NoProtobuf));
        Assert.Equal(400, await dashboard.PostAsync("/v1/logs", NoProtobuf));
        Assert.Equal(400, await dashboard.PostAsync("/v1/traces", NoProtobuf, encoding: "gzip"));
        Assert.Equal(200, await dashboard.PostAsync("/v1/metrics", NoProtobuf));
        Assert.Equal(413, await dashboard.PostAsync("/v1/traces", new byte[9 << 20]));
        Assert.Equal(413, await dashboard.PostAsync("/v1/traces", Zip(new byte[9 << 20]), encoding: "gzip"));
    }

    [Fact]
    public async Task Compressed_telemetry_is_taken_too()
    {
        await using var dashboard = await DashboardAlone.StartAsync();
        var body = Exported.Bytes(source => source.StartActivity("compressed")?.Dispose());

        Assert.Equal(200, await dashboard.PostAsync("/v1/traces", Zip(body), encoding: "gzip"));

        Assert.Contains("compressed", await dashboard.GetAsync("/traces"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_from_outside_is_shown_as_text()
    {
        const string Hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>";
        await using var dashboard = await DashboardAlone.StartAsync();
        ActivityTraceId id;
        using (DashboardAlone.Export(Hostile, dashboard.Client.BaseAddress!))
        using (var source = new ActivitySource(DashboardAlone.Source))
        {
            using var span = source.StartActivity(Hostile, ActivityKind.Client)!;
            span.SetTag(Hostile, Hostile);
            span.SetTag("db.system.name", Hostile);
            span.SetStatus(ActivityStatusCode.Error, Hostile);
            id = span.TraceId;
        }

        foreach (var path in new[] { "/traces", $"/traces?filter={Uri.EscapeDataString(Hostile)}", $"/traces/{id}" })
        {
            var page = await dashboard.GetAsync(path);
            Assert.Contains("&lt;script&gt;alert(1)", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
            Assert.DoesNotContain("\"'>", page, StringComparison.Ordinal);
        }
    }

    private static byte[] Zip(byte[] bytes)
    {
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Fastest))
        {
            zip.Write(bytes);
        }

        return zipped.ToArray();
    }
}

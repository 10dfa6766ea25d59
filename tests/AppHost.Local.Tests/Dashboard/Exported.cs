using System.Diagnostics;
using System.Net;

namespace ProductAspire.Local.Tests.Dashboard;

/// <summary>What the exporter of the services sends.</summary>
internal static class Exported
{
    public static byte[] Bytes(Action<ActivitySource> trace)
    {
        using var capture = new Capture();
        using (DashboardAlone.Export("service", new Uri("http://localhost"), capture))
        using (var source = new ActivitySource(DashboardAlone.Source))
        {
            trace(source);
        }

        return Assert.Single(capture.Bodies);
    }

    private sealed class Capture : HttpMessageHandler
    {
        public List<byte[]> Bodies { get; } = [];

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var body = new MemoryStream();
            request.Content!.CopyTo(body, null, cancellationToken);
            Bodies.Add(body.ToArray());
            return new(HttpStatusCode.OK);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(Send(request, cancellationToken));
    }
}

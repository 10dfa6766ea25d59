using System.Security.Cryptography;
using System.Text;
using Amazon;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Cqrs.Notifications;

namespace Cqrs.Tests;

public sealed class AwsSigningTests
{
    private const string Body = """{"StreamArn":"arn:aws:dynamodb:eu-central-1:1:table/t/stream/1"}""";

    [Fact]
    public async Task The_signature_is_that_of_Signature_Version_4()
    {
        var request = await SignAsync(new BasicAWSCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));

        var authorization = Header(request, "Authorization");
        var signedHeaders = Between(authorization, "SignedHeaders=", ",").Split(';');
        Assert.StartsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/", authorization);
        Assert.Contains("/eu-central-1/dynamodb/aws4_request", authorization);
        Assert.Contains("host", signedHeaders);
        Assert.Contains("x-amz-date", signedHeaders);
        Assert.Contains("x-amz-target", signedHeaders);
        Assert.Equal(Signature(request, signedHeaders, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), Between(authorization, "Signature=", ","));
    }

    [Fact]
    public async Task Temporary_credentials_send_their_token_along()
    {
        var request = await SignAsync(new SessionAWSCredentials("AKIDEXAMPLE", "secret", "the-token"));

        Assert.Equal("the-token", Header(request, "X-Amz-Security-Token"));
        Assert.Contains("x-amz-security-token", Between(Header(request, "Authorization"), "SignedHeaders=", ","));
    }

    private static async Task<HttpRequestMessage> SignAsync(AWSCredentials credentials)
    {
        var sent = new Sent();
        var config = new AmazonDynamoDBConfig { RegionEndpoint = RegionEndpoint.EUCentral1 };
        using var http = new HttpClient(new AwsSigningHandler(config, "dynamodb", credentials) { InnerHandler = sent });
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://streams.dynamodb.eu-central-1.amazonaws.com/")
        {
            Content = new StringContent(Body, Encoding.UTF8, "application/x-amz-json-1.0"),
        };
        request.Headers.Add("X-Amz-Target", "DynamoDBStreams_20120810.DescribeStream");
        await http.SendAsync(request, TestContext.Current.CancellationToken);
        return sent.Request!;
    }

    // The published algorithm, written down independently of the SDK.
    private static string Signature(HttpRequestMessage request, string[] signedHeaders, string secret)
    {
        var date = Header(request, "X-Amz-Date");
        var scope = $"{date[..8]}/eu-central-1/dynamodb/aws4_request";
        var headers = string.Concat(signedHeaders.Select(name => $"{name}:{Header(request, name)}\n"));
        var canonical = $"POST\n/\n\n{headers}\n{string.Join(';', signedHeaders)}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(Body)))}";
        var toSign = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + secret), Hmac);
        return Hex(Hmac(key, toSign));
    }

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static string Header(HttpRequestMessage request, string name) =>
        name.Equals("host", StringComparison.OrdinalIgnoreCase) ? request.Headers.Host ?? request.RequestUri!.Authority
        : request.Headers.TryGetValues(name, out var values) || request.Content!.Headers.TryGetValues(name, out values) ? values.Single()
        : throw new InvalidOperationException($"The request has no header {name}.");

    private static string Between(string text, string start, string end)
    {
        var from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        var to = text.IndexOf(end, from, StringComparison.Ordinal);
        return to < 0 ? text[from..] : text[from..to];
    }

    private sealed class Sent : HttpMessageHandler
    {
        public HttpRequestMessage? Request { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Request = request;
            return Task.FromResult(new HttpResponseMessage());
        }
    }
}

using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;

namespace Cqrs.Notifications;

/// <summary>
/// Signs requests with AWS Signature Version 4 by the AWS SDK's own signer and credentials, for services whose client package is
/// not at hand.
/// </summary>
/// <param name="clientConfig">Where credentials and region come from.</param>
/// <param name="service">The service name to sign for, for example <c>dynamodb</c>.</param>
/// <param name="credentials">The credentials; those of the environment if null.</param>
public sealed class AwsSigningHandler(ClientConfig clientConfig, string service, AWSCredentials? credentials = null) : DelegatingHandler
{
    private readonly AWS4Signer _signer = new();
    private readonly Lazy<AWSCredentials> _credentials = new(() => credentials ?? DefaultAWSCredentialsIdentityResolver.GetCredentials());

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri!;
        var toSign = new DefaultRequest(new SignedRequest(), service)
        {
            HttpMethod = request.Method.Method,
            Endpoint = new Uri(uri.GetLeftPart(UriPartial.Authority)),
            ResourcePath = uri.AbsolutePath,
            OverrideSigningServiceName = service,
            AuthenticationRegion = clientConfig.RegionEndpoint?.SystemName ?? clientConfig.AuthenticationRegion,
            Content = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken),
        };
        foreach (var (name, values) in request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>()))
        {
            toSign.Headers[name] = string.Join(",", values);
        }

        // The signer leaves the token of temporary credentials, which every role on AWS has, to the SDK's pipeline.
        var now = await _credentials.Value.GetCredentialsAsync();
        if (now.UseToken)
        {
            toSign.Headers["X-Amz-Security-Token"] = now.Token;
        }

        await _signer.SignAsync(toSign, clientConfig, new RequestMetrics(), _credentials.Value, cancellationToken);

        foreach (var (name, value) in toSign.Headers)
        {
            if (!name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                request.Headers.Remove(name);
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await base.SendAsync(request, cancellationToken);
    }

    private sealed class SignedRequest : AmazonWebServiceRequest;
}

using System.Globalization;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;

namespace Cqrs.Postgres;

/// <summary>
/// The password of IAM authentication to Amazon RDS and its proxy: a link to "connect", signed by the role of the service, that is good for a quarter
/// of an hour. So no service has a password to keep.
/// </summary>
public static class RdsAuthToken
{
    /// <summary>How long a token lets in. A connection that is open stays open.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private const string Service = "rds-db";
    private const string Scheme = "https://";

    /// <summary>Signs a token.</summary>
    /// <param name="host">The host that is connected to.</param>
    /// <param name="port">Its port.</param>
    /// <param name="user">The user of the database.</param>
    /// <param name="region">Where it is.</param>
    /// <param name="credentials">The credentials that sign the token.</param>
    /// <param name="now">When it begins to be good.</param>
    public static string Create(string host, int port, string user, RegionEndpoint region, ImmutableCredentials credentials, DateTimeOffset now)
    {
        var request = new DefaultRequest(new Connect(), Service)
        {
            HttpMethod = "GET",
            UseQueryString = true,
            Endpoint = new UriBuilder(Uri.UriSchemeHttps, host, port).Uri,
        };
        request.Parameters["Action"] = "connect";
        request.Parameters["DBUser"] = user;
        request.Parameters["X-Amz-Expires"] = Lifetime.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        if (credentials.UseToken)
        {
            request.Parameters["X-Amz-Security-Token"] = credentials.Token;
        }

        var signature = AWS4PreSignedUrlSigner.SignRequest(
            request, null, new RequestMetrics(), credentials.AccessKey, credentials.SecretKey, Service, region.SystemName, now.UtcDateTime);
        return $"{AmazonServiceClient.ComposeUrl(request).AbsoluteUri[Scheme.Length..]}&{signature.ForQueryParameters}";
    }

    private sealed class Connect : AmazonWebServiceRequest;
}

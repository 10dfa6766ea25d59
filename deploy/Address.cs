using Amazon.CDK;
using Amazon.CDK.AWS.CertificateManager;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>Where the application is found: a domain of whoever deploys it, with a certificate for it. Without them nothing is deployed.</summary>
public sealed class Address
{
    public Address(Construct scope)
    {
        var domain = new CfnParameter(scope, "Domain", new CfnParameterProps
        {
            Description = "The domain name of the application, for example products.example.com",
            AllowedPattern = "^([a-z0-9-]+\\.)+[a-z]{2,}$",
        });
        var certificate = new CfnParameter(scope, "CertificateArn", new CfnParameterProps
        {
            Description = "A certificate of ACM for that domain, in the region of the stack",
            AllowedPattern = "^arn:[a-z-]+:acm:[a-z0-9-]+:[0-9]+:certificate/.+$",
        });
        Domain = domain.ValueAsString;
        Url = $"https://{Domain}";
        Certificate = Amazon.CDK.AWS.CertificateManager.Certificate.FromCertificateArn(scope, "Certificate", certificate.ValueAsString);
    }

    public string Domain { get; }

    public string Url { get; }

    public ICertificate Certificate { get; }
}

using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.SNS.Subscriptions;
using Constructs;

namespace ProductAspire.Deploy;

/// <summary>Where people are told: by CloudWatch of every alarm, by the projection of each parked command.</summary>
public sealed class AlertTopic : Construct
{
    private static readonly string[] EncryptedUse = ["kms:Decrypt", "kms:GenerateDataKey"];

    private readonly Key _key;

    public AlertTopic(Construct scope, Settings settings)
        : base(scope, "Alerts")
    {
        // CloudWatch cannot use the key that AWS manages for SNS.
        _key = new Key(this, "Key", new KeyProps { EnableKeyRotation = true, Description = "Alarm topic of ProductAspire" });
        Topic = new Topic(this, "Topic", new TopicProps { MasterKey = _key, EnforceSSL = true });
        // That service acts for every account: for this one's alarms only.
        var alarms = new ServicePrincipal("cloudwatch.amazonaws.com", new ServicePrincipalOpts
        {
            Conditions = new Dictionary<string, object>
            {
                ["StringEquals"] = new Dictionary<string, object> { ["aws:SourceAccount"] = Aws.ACCOUNT_ID },
            },
        });
        Topic.GrantPublish(alarms);
        _key.Grant(alarms, EncryptedUse);
        if (settings.AlarmEmail is { } email)
        {
            Topic.AddSubscription(new EmailSubscription(email));
        }
    }

    public Topic Topic { get; }

    public void GrantPublish(IGrantable role)
    {
        Topic.GrantPublish(role);
        _key.Grant(role, EncryptedUse);
    }
}

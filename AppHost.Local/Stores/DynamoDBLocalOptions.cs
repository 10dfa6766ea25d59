namespace Aspire.Hosting.AWS.DynamoDB;

/// <summary>How DynamoDB Local is started. What speaks of an image has no meaning here.</summary>
public class DynamoDBLocalOptions
{
    public string Registry { get; set; } = "public.ecr.aws";

    public string Image { get; set; } = "aws-dynamodb-local/aws-dynamodb-local";

    public string Tag { get; set; } = "latest";

    /// <summary>One database for every credential and region, instead of one each.</summary>
    public bool SharedDb { get; set; }

    public bool InMemory { get; set; }

    /// <summary>The folder that keeps the data between runs.</summary>
    public string? LocalStorageDirectory { get; set; }

    public bool DisableDynamoDBLocalTelemetry { get; set; }

    public bool DelayTransientStatuses { get; set; }

    public int? Port { get; set; }
}

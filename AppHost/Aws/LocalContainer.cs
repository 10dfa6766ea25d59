using System.Runtime.CompilerServices;
using Aspire.Hosting.AWS.DynamoDB;
using ProductAspire.Stores;

/// <summary>Runs DynamoDB Local by the container of Aspire.Hosting.AWS.</summary>
internal static class LocalContainer
{
    [ModuleInitializer]
    internal static void Use() => DynamoDBStore.AddContainer = (builder, name, dataFolder) => builder.AddAWSDynamoDBLocal(
        name,
        new DynamoDBLocalOptions { SharedDb = true, DisableDynamoDBLocalTelemetry = true, LocalStorageDirectory = dataFolder });
}

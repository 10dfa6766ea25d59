namespace StackTests.Support;

/// <summary>Tests that have the worker of the shared stack park commands, and those that expect it to have none parked: one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ParkingCollection
{
    public const string Name = "parking";
}

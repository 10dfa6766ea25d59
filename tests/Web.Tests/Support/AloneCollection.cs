namespace WebTests.Support;

/// <summary>Tests that stop a part of the stack, or look at all of it: no other test runs meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}

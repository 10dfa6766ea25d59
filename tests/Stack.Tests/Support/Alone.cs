namespace StackTests.Support;

/// <summary>Tests that need the machine for themselves: they measure time, or stop parts of a stack of their own.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

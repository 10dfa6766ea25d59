namespace FaultTests.Support;

// The tests mostly wait: for leases, outages and retries. So these collections run beside each other. Within one, tests share a stack or have one
// after the other.

/// <summary>Tests whose worker is in this process. Few stop a part of the stack, and none of the others runs then.</summary>
[CollectionDefinition(Name)]
public sealed class KernelCollection : ICollectionFixture<Kernel>
{
    public const string Name = "kernel";
}

/// <summary>Tests that kill and stop the parts of one stack.</summary>
[CollectionDefinition(Name)]
public sealed class SharedProcesses : ICollectionFixture<KilledStack>
{
    public const string Name = "processes of one stack";
}

/// <summary>Tests that each start a stack with settings of its own.</summary>
[CollectionDefinition(Name)]
public sealed class OwnProcesses
{
    public const string Name = "processes of own stacks";
}

/// <summary>Tests that measure time, with nothing beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

/// <summary>The stack whose parts are killed and stopped.</summary>
public sealed class KilledStack : FaultStack;

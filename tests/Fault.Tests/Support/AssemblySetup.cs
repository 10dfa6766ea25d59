[assembly: AssemblyFixture(typeof(FaultStack))]
// The tests stop parts of a stack that others would need, and measure time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

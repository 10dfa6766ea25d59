using ProductAspire.Local.Tests;

[assembly: AssemblyFixture(typeof(Installed))]
// Each of these tests starts a whole stack: one after the other, or a small machine has them all wait.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

[assembly: AssemblyFixture(typeof(FaultStack))]

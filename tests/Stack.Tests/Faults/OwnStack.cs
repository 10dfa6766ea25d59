namespace StackTests.Faults;

/// <summary>A stack for a class of tests that stops parts of it.</summary>
public sealed class OwnStack : IAsyncLifetime
{
    public Stack Stack { get; } = new();

    public ValueTask InitializeAsync() => Stack.InitializeAsync();

    public ValueTask DisposeAsync() => Stack.DisposeAsync();
}

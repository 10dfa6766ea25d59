namespace StackTests.Support;

/// <summary>The clock, moved by a test.</summary>
internal sealed class ManualTime : TimeProvider
{
    public TimeSpan Offset { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
}

namespace Cqrs.AspNetCore.Events;

/// <summary>How clients are kept connected that follow events. Bound to the configuration section <c>Events</c>.</summary>
public sealed class EventStreamOptions
{
    /// <summary>After how long without an event a stream says that it is alive.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets how long a client may take to make room for what is written to it, until it is let go.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

using Aspire.Hosting;

namespace ProductAspire.Local.Running;

/// <summary>This run: which model, how it was called, where it keeps what.</summary>
internal sealed class RunContext(IDistributedApplicationBuilder builder, StateFolder state, IReadOnlyList<string> args, bool isTest)
{
    public IDistributedApplicationBuilder Builder { get; } = builder;

    public IReadOnlyList<string> Args { get; } = args;

    public bool IsTest { get; } = isTest;

    public StateFolder State { get; } = state;

    /// <summary>Set when the host is built.</summary>
    public Action StopApplication { get; set; } = () => { };

    /// <summary>Says something to the user; a test is told nothing, it asks.</summary>
    public void Say(string line)
    {
        if (!IsTest)
        {
            ConsoleLog.Write(line);
        }
    }
}

using System.Reflection;
using Aspire.Hosting;

namespace ProductAspire.Local.Testing;

/// <summary>
/// A test runs the entry point of the AppHost in its own process. The session flows along with that call: the builder sees it, and
/// ends the entry point where it would build and run the application.
/// </summary>
internal sealed class TestSession(Assembly appHost)
{
    private static readonly AsyncLocal<TestSession?> Flowing = new();

    private DistributedApplicationBuilder? caught;

    public static TestSession? Current => Flowing.Value;

    public Assembly AppHost { get; } = appHost;

    public Exception Catch(DistributedApplicationBuilder builder)
    {
        caught = builder;
        return new EntryPointEndsHereException();
    }

    public async Task<DistributedApplicationBuilder> RunEntryPointAsync(string[] args, CancellationToken cancellationToken)
    {
        var entryPoint = AppHost.EntryPoint ?? throw new InvalidOperationException($"{AppHost.GetName().Name} has no entry point.");
        try
        {
            await Task.Run(
                () =>
                {
                    Flowing.Value = this;
                    return entryPoint.Invoke(null, BindingFlags.DoNotWrapExceptions, null, entryPoint.GetParameters().Length == 0 ? null : [args], null);
                },
                cancellationToken);
        }
        catch (EntryPointEndsHereException)
        {
            // As meant.
        }

        return caught ?? throw new InvalidOperationException($"{AppHost.GetName().Name} did not build an application.");
    }

    private sealed class EntryPointEndsHereException : Exception;
}

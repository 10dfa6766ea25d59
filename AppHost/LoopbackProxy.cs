/// <summary>Keeps a proxy of the system out of the calls that stay on this machine: between the services, the stores and the probes.</summary>
internal static class LoopbackProxy
{
    private static readonly string[] Proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];
    private static readonly string[] Exceptions = ["NO_PROXY", "no_proxy"];
    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "::1", "[::1]"];

    /// <summary>Adds loopback to <c>NO_PROXY</c> of this process if there is a proxy. Everything that it starts inherits that.</summary>
    public static void Bypass()
    {
        if (!Proxies.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 }))
        {
            return;
        }

        // Which of the two spellings a program reads differs. Both get what either had.
        var known = Exceptions
            .SelectMany(name => (Environment.GetEnvironmentVariable(name) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Concat(Loopback)
            .Distinct();
        var value = string.Join(',', known);
        foreach (var name in Exceptions)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }
}

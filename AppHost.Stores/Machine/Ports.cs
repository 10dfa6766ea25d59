using System.Net;
using System.Net.Sockets;

namespace ProductAspire.Stores.Machine;

/// <summary>
/// Chooses free ports. Below the range that systems take client ports from, and each held by a lock file, so that several runs that
/// start at the same moment never choose the same one.
/// </summary>
internal sealed class Ports : IDisposable
{
    private const int First = 12000;
    private const int Count = 18000;

    private static readonly string Folder = Path.Combine(Path.GetTempPath(), $"productaspire-ports-{Environment.UserName}");

    private readonly List<FileLock> held = [];

    /// <summary>Returns a free port; the same one as last time, as long as that is free, if the key is the same.</summary>
    public int TakeFree(string? key = null)
    {
        var start = key is null ? Random.Shared.Next(Count) : (int)(Hash(key) % Count);
        for (var i = 0; i < Count; i++)
        {
            var port = First + ((start + i) % Count);
            if (FileLock.TryTake(Path.Combine(Folder, $"{port}.lock")) is not { } taken)
            {
                continue;
            }

            if (IsFree(port))
            {
                held.Add(taken);
                return port;
            }

            taken.Dispose();
        }

        throw new IOException("No port is free on this machine.");
    }

    public static bool IsFree(int port) => CanListen(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanListen(IPAddress.IPv6Loopback, port));

    public void Dispose() => held.ForEach(one => one.Dispose());

    private static bool CanListen(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return true;
        }
        catch (SocketException e)
        {
            // A machine without IPv6 is no reason to call a port taken.
            return e.SocketErrorCode == SocketError.AddressNotAvailable;
        }
    }

    // Not string.GetHashCode, which differs in every process.
    private static uint Hash(string key) => key.Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u);
}

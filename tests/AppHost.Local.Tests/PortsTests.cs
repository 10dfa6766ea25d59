using System.Net;
using System.Net.Sockets;
using ProductAspire.Local.Running;

namespace ProductAspire.Local.Tests;

public class PortsTests
{
    [Fact]
    public void No_two_choosers_get_the_same_port_even_before_anyone_listens_on_it()
    {
        using var one = new Ports();
        using var other = new Ports();

        var chosen = Enumerable.Range(0, 20).SelectMany(_ => new[] { one.TakeFree("same"), other.TakeFree("same") }).ToList();

        Assert.Equal(chosen.Count, chosen.Distinct().Count());
    }

    [Fact]
    public void The_same_key_gets_the_same_port_again_while_that_is_free()
    {
        int first;
        using (var run = new Ports())
        {
            first = run.TakeFree("/some/where/postgres/tcp");
        }

        using var next = new Ports();
        Assert.Equal(first, next.TakeFree("/some/where/postgres/tcp"));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_port_that_a_program_listens_on_is_not_free(string address)
    {
        using var ports = new Ports();
        var port = ports.TakeFree();
        Assert.True(Ports.IsFree(port));

        using var listener = new TcpListener(IPAddress.Parse(address), port);
        Assert.SkipWhen(address == "::1" && !Socket.OSSupportsIPv6, "no IPv6 on this machine");
        listener.Start();

        Assert.False(Ports.IsFree(port));
    }
}

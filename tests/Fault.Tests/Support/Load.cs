using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Cqrs.Items;
using Cqrs.Publishing;

namespace FaultTests.Support;

/// <summary>
/// Users who create, change, delete and restore a tenant's products all the time, by HTTP and by the kernel, whatever fails; and what was
/// acknowledged to them.
/// </summary>
public sealed class Load
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(12);
    private static readonly TimeSpan AfterFault = TimeSpan.FromMilliseconds(60);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Ack> _acks = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly List<string> _wrong = [];
    private readonly Task _writing;
    private readonly string _tenant;
    private readonly int _items;
    private readonly int _maxWrites;
    private int _writes;

    private Load(int seed, string tenant, ApiClient? api, CommandService? kernel, int items, int maxWrites)
    {
        (_tenant, _items, _maxWrites) = (tenant, items, maxWrites);
        var writers = new List<Task>();
        for (var i = 0; i < 2; i++)
        {
            var (byHttp, byKernel) = (new Random(seed + i), new Random(seed + 100 + i));
            writers.Add(api is null ? Task.CompletedTask : Task.Run(() => WriteAsync(() => WriteAsync(api, byHttp))));
            writers.Add(kernel is null ? Task.CompletedTask : Task.Run(() => WriteAsync(() => WriteAsync(kernel, byKernel))));
        }

        _writing = Task.WhenAll(writers);
    }

    public IReadOnlyCollection<Ack> Acks => [.. _acks];

    public int Acknowledged => _acks.Count;

    /// <summary>How often a call failed because something was down.</summary>
    public int Faults => _faults.Count;

    /// <param name="seed">Makes the same choices again.</param>
    /// <param name="tenant">Whose products.</param>
    /// <param name="api">Users of the API; none if null.</param>
    /// <param name="kernel">Users of the kernel; none if null.</param>
    /// <param name="items">How many products are written to, over and over.</param>
    /// <param name="maxWrites">The load ends by itself after so many.</param>
    public static Load Start(int seed, string tenant, ApiClient? api, CommandService? kernel, int items = 60, int maxWrites = 3000) =>
        new(seed, tenant, api, kernel, items, maxWrites);

    /// <summary>Waits until some more writes are acknowledged.</summary>
    public async Task WaitForAsync(int more)
    {
        var goal = Acknowledged + more;
        await Eventually.GetAsync(
            $"{more} more writes are acknowledged",
            () => Task.FromResult((Acknowledged, Faults, LastFault: _faults.LastOrDefault())),
            now => now.Acknowledged >= goal || _writing.IsCompleted,
            TimeSpan.FromSeconds(60));
    }

    public async Task<IReadOnlyCollection<Ack>> StopAsync()
    {
        await _stop.CancelAsync();
        await _writing;
        _stop.Dispose();
        Assert.True(_wrong.Count == 0, $"Answers that must not be:\n{string.Join('\n', _wrong.Take(5))}");
        return Acks;
    }

    public static CommandOptions Options(string tenant, string user = "kim") => new(
        CommandSource.Get("product", nameof(Load), "Write"),
        new InvokeContext(new UserContext(user, tenant), Guid.NewGuid().ToString("N"), "10.0.0.1"),
        RemembersWrite: false);

    private async Task WriteAsync(Func<Task> write)
    {
        while (!_stop.IsCancellationRequested && Interlocked.Increment(ref _writes) <= _maxWrites)
        {
            var pause = Pace;
            try
            {
                await write();
            }
            catch (Exception fault) when (fault is not NullReferenceException and not InvalidOperationException)
            {
                // Whatever was down: whether the command was stored is not known, and not acknowledged.
                _faults.Enqueue(fault.Message);
                pause = AfterFault;
            }

            await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAsync(ApiClient api, Random random)
    {
        var sk = Sk(random);
        var name = $"By HTTP {random.Next()}";
        var answer = random.Next(10) switch
        {
            0 or 1 => await api.PatchAsync(sk, new { name, attributes = new { price = random.Next(1000) / 10m } }, ("If-Match", "*")),
            2 => await api.DeleteAsync(sk),
            3 => await api.ActAsync(sk, "restore"),
            4 => await api.PostAsync(new { name, attributes = Attributes(random) }),
            5 => await api.PostAsync(new { sk, name, version = -1, code = $"code-{random.Next(_items)}" }),
            6 => await api.PostAsync(new { sk, name, version = -1, attributes = Attributes(random) }, "?mode=sync"),
            _ => await api.PostAsync(new { sk, name, version = -1, attributes = Attributes(random) }),
        };
        switch (answer.Status)
        {
            case HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.Accepted:
                _acks.Enqueue(new Ack(answer.Sk, answer.Version, answer.Json["name"]!.GetValue<string>()));
                break;
            case HttpStatusCode.NoContent or HttpStatusCode.NotFound or HttpStatusCode.Conflict:
                break;
            case HttpStatusCode.ServiceUnavailable when answer.Response.Headers.RetryAfter is not null:
                throw new HttpRequestException(answer.ToString());
            default:
                lock (_wrong)
                {
                    _wrong.Add(answer.ToString());
                }

                break;
        }
    }

    private async Task WriteAsync(CommandService kernel, Random random)
    {
        var key = new ItemKey(FaultStack.Module.PkOf(_tenant), Sk(random));
        var name = $"By the kernel {random.Next()}";
        var input = new CommandInput
        {
            Key = key,
            Name = name,
            Version = random.Next(4) == 0 ? random.Next(6) : Keys.VersionLatest,
            TenantCode = _tenant,
            Type = FaultStack.Module.Type,
            IsDeleted = random.Next(12) == 0,
            Attributes = (JsonObject)JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(Attributes(random)))!,
        };
        var result = random.Next(6) switch
        {
            0 => await kernel.PublishSync(input, Options(_tenant)),
            1 => await kernel.PublishPartialUpdateAsync(key, Keys.VersionLatest, new JsonObject { ["name"] = name }, Options(_tenant)),
            _ => await kernel.PublishAsync(input, Options(_tenant)),
        };
        if (((result as PublishResult.Accepted)?.Command ?? (result as PublishResult.Pending)?.Command) is { } command)
        {
            _acks.Enqueue(new Ack(command.Key.Sk, command.Version, command.Name));
        }
    }

    private string Sk(Random random) => $"item-{random.Next(_items):000}";

    private static object Attributes(Random random) => random.Next(4) == 0
        ? new { category = "Plain" }
        : new
        {
            category = $"Category {random.Next(5)}",
            price = random.Next(100000) / 100m,
            description = "Made under load",
            specification = new { weight = $"{random.Next(50)} kg" },
        };
}

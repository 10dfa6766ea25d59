using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Aspire.Hosting.Testing;

namespace StackTests.Support;

/// <summary>An event as a client sees it.</summary>
public sealed record SeenEvent(long Id, string Pk, string Sk, long Version, string Status, string? Reason);

/// <summary>A client that follows a tenant's events, and writes down what it is sent.</summary>
internal sealed class EventFeed : IAsyncDisposable
{
    public const string Path = "/api/product/events";

    private readonly ConcurrentQueue<SeenEvent> _events = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http;
    private readonly HttpResponseMessage _response;
    private readonly Task _reading;
    private int _comments;

    private EventFeed(HttpClient http, HttpResponseMessage response)
    {
        (_http, _response) = (http, response);
        _reading = ReadAsync();
    }

    public IReadOnlyList<SeenEvent> Events => [.. _events];

    /// <summary>How many events there were; cheaper than to list them.</summary>
    public int Count => _events.Count;

    /// <summary>What the client would come back with.</summary>
    public string? LastId { get; private set; }

    public int Comments => Volatile.Read(ref _comments);

    /// <summary>When the server has ended the stream, well or badly.</summary>
    public Task Ended => _reading;

    public HttpResponseHeaders Headers => _response.Headers;

    public string? MediaType => _response.Content.Headers.ContentType?.MediaType;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Connects, and waits until the server has said where the stream begins: what happens from now on is in it.</summary>
    public static async Task<EventFeed> OpenAsync(Stack stack, string token, string? lastId = null)
    {
        var feed = await TryOpenAsync(stack, token, lastId);
        Assert.NotNull(feed);
        return feed;
    }

    /// <summary>As <see cref="OpenAsync"/>; null if there is no stream to be had.</summary>
    public static async Task<EventFeed?> TryOpenAsync(Stack stack, string token, string? lastId = null)
    {
        var (http, response) = await AskAsync(stack, token, lastId);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            response.Dispose();
            http.Dispose();
            return null;
        }

        var feed = new EventFeed(http, response);
        await Eventually.IsTrueAsync("the stream says where it begins", () => Task.FromResult(feed.LastId is not null));
        return feed;
    }

    /// <summary>A feed of a tenant's user, and the API in the name of another.</summary>
    public static async Task<(EventFeed Feed, ApiClient Client)> OpenWithClientAsync(Stack stack, string? tenant = null)
    {
        tenant ??= Stack.NewTenant();
        return (await OpenAsync(stack, await TokenAsync(stack, tenant)), await stack.ClientAsync(tenant));
    }

    /// <summary>A token of a user that no other test has: the streams of a user are counted.</summary>
    public static Task<string> TokenAsync(Stack stack, string tenant) => stack.TokenAsync($"user={Guid.NewGuid():N}&tenant={tenant}");

    public static async Task<(HttpClient Http, HttpResponseMessage Response)> AskAsync(Stack stack, string? token, string? lastId = null)
    {
        var http = stack.App.CreateHttpClient(Stack.Api, "http");
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        if (lastId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        }

        return (http, await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token));
    }

    /// <summary>Waits for an event.</summary>
    public async Task<SeenEvent> SeeAsync(string sk, long version, TimeSpan? within = null)
    {
        var seen = await Eventually.GetAsync(
            $"the event of {sk} version {version} is seen", () => Task.FromResult(Find(sk, version)), found => found is not null, within);
        return seen!;
    }

    public SeenEvent? Find(string sk, long version) => _events.FirstOrDefault(seen => seen.Sk == sk && seen.Version == version);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _response.Dispose();
        _http.Dispose();
        await _reading;
        _stop.Dispose();
    }

    // The few rules of the format, written down once more: comments, fields, an empty line ends a block.
    private async Task ReadAsync()
    {
        try
        {
            using var reader = new StreamReader(await _response.Content.ReadAsStreamAsync(_stop.Token));
            var (id, type, data) = ("", "", "");
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                switch (line.Split(": ", 2))
                {
                    case ["", _]:
                        Interlocked.Increment(ref _comments);
                        break;
                    case ["id", var value]:
                        id = value;
                        break;
                    case ["event", var value]:
                        type = value;
                        break;
                    case ["data", var value]:
                        data += value;
                        break;
                    case [""]:
                        if (data.Length > 0)
                        {
                            Assert.Equal("command-status", type);
                            _events.Enqueue(Parse(id, data));
                        }

                        LastId = id;
                        (type, data) = ("", "");
                        break;
                    default:
                        throw new InvalidOperationException($"This is no line of an event stream: {line}");
                }
            }
        }
        catch (Exception cutOff) when (cutOff is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            // The test or the server has ended it.
        }
    }

    private static SeenEvent Parse(string id, string data)
    {
        var json = JsonNode.Parse(data)!.AsObject();
        Assert.Subset(new HashSet<string> { "pk", "sk", "version", "status", "reason" }, json.Select(member => member.Key).ToHashSet());
        return new SeenEvent(
            long.Parse(id),
            json["pk"]!.GetValue<string>(),
            json["sk"]!.GetValue<string>(),
            json["version"]!.GetValue<long>(),
            json["status"]!.GetValue<string>(),
            json["reason"]?.GetValue<string>());
    }
}

extern alias api;

using System.Collections.Concurrent;
using System.Diagnostics;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace StackTests.Security;

/// <summary>The program Product.Api in this process, in any environment, over the stores of the stack; it notes what it logs and traces.</summary>
internal sealed class ApiInProcess : WebApplicationFactory<api::Program>
{
    private readonly Stack _stack;
    private readonly string _environment;
    private readonly Uri _dynamoDb;
    private readonly (string Name, string? Value)[] _settings;
    private readonly ConcurrentQueue<string> _logged = new();
    private readonly ConcurrentQueue<string> _traced = new();

    /// <param name="stack">Whose stores it works on.</param>
    /// <param name="environment">For example Production.</param>
    /// <param name="dynamoDb">Where it finds DynamoDB, if that is not the stack's.</param>
    /// <param name="settings">Its configuration.</param>
    public ApiInProcess(Stack stack, string environment, Uri? dynamoDb, params (string Name, string? Value)[] settings)
    {
        (_stack, _environment, _dynamoDb, _settings) = (stack, environment, dynamoDb ?? stack.DynamoDbEndpoint, settings);
        UseKestrel(0);
    }

    /// <summary>All that was logged, scopes and exceptions too.</summary>
    public IReadOnlyCollection<string> Logged => _logged;

    /// <summary>All spans with what they say.</summary>
    public IReadOnlyCollection<string> Traced => _traced;

    /// <summary>The API with any token, or none.</summary>
    public ApiClient Client(string tenant, string? token) => new(Http(), tenant, token);

    public HttpClient Http()
    {
        StartServer();
        return new HttpClient { BaseAddress = ClientOptions.BaseAddress };
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(_environment);
        builder.UseSetting("ConnectionStrings:productdb", _stack.ConnectionString);
        builder.UseSetting("Logging:LogLevel:Default", "Debug");
        builder.UseSetting("Logging:LogLevel:Microsoft.AspNetCore", "Debug");
        foreach (var (name, value) in _settings)
        {
            builder.UseSetting(name, value);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(new Recorder(_logged)));
        builder.ConfigureTestServices(services =>
        {
            var config = new AmazonDynamoDBConfig
            {
                ServiceURL = _dynamoDb.ToString(),
                AuthenticationRegion = "us-east-1",
                Timeout = TimeSpan.FromSeconds(5),
                MaxErrorRetry = 2,
            };
            services.AddSingleton<IAmazonDynamoDB>(new AmazonDynamoDBClient(new BasicAWSCredentials("local", "local"), config));
            services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddProcessor(new SpanRecorder(_traced)));
        });
    }

    private sealed class SpanRecorder(ConcurrentQueue<string> traced) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => traced.Enqueue(
            $"{data.DisplayName} {data.StatusDescription} {string.Join(" ", data.TagObjects)} "
            + string.Join(" ", data.Events.SelectMany(e => e.Tags)) + string.Join(" ", data.Baggage));
    }

    private sealed class Recorder(ConcurrentQueue<string> logged) : ILoggerProvider, ILogger, ISupportExternalScope
    {
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ILogger CreateLogger(string categoryName) => this;

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> structured ? string.Join(" ", structured) : "";
            var scopes = new List<string>();
            _scopes.ForEachScope((scope, list) => list.Add($"{scope}"), scopes);
            logged.Enqueue($"{logLevel}: {formatter(state, exception)} {values} {string.Join(" ", scopes)} {exception}");
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}

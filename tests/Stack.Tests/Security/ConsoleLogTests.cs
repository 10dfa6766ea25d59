using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using ProductAspire.ServiceDefaults;

namespace StackTests.Security;

/// <summary>Nothing that comes from outside can pass for a line of the log.</summary>
public sealed class ConsoleLogTests
{
    private const string Forged = "info: Payments[0]";

    public static TheoryData<string, string> Attempts()
    {
        var attempts = new TheoryData<string, string>();
        foreach (var environment in new[] { "Development", "Production" })
        {
            foreach (var lineBreak in new[] { "\n", "\r", "\r\n", "\u2028", "\u2029", "\u0085", "\u001b[2K\u001b[1G", "\b\b\b", "\0" })
            {
                attempts.Add(environment, lineBreak);
            }
        }

        return attempts;
    }

    [Theory]
    [MemberData(nameof(Attempts))]
    public void A_value_with_a_line_break_stays_in_its_line(string environment, string lineBreak)
    {
        var hostile = $"x{lineBreak}{Forged}{lineBreak}      paid";

        var text = Write(environment, "Stored {Key}.", exception: null, hostile);

        // In Development a category stands in one line and the message in the next.
        Assert.Equal(environment == "Development" ? 2 : 1, text.TrimEnd('\n').Split('\n').Length);
        Assert.DoesNotContain(text.Trim('\n').Replace("\n", ""), char.IsControl);
        Assert.DoesNotContain(text, c => c is '\u2028' or '\u2029');
        Assert.Contains("Stored x", text);
    }

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public void A_line_break_in_an_exception_cannot_begin_a_line_of_the_log(string environment)
    {
        var text = Write(environment, "Failed.", new InvalidOperationException($"no\r{Forged}\n{Forged}\r\n{Forged}\u001b[1G"));

        Assert.DoesNotContain(text.Split('\n'), line => line.StartsWith("info", StringComparison.Ordinal) && line.Contains("Payments", StringComparison.Ordinal));
        Assert.DoesNotContain(text.Replace("\n", ""), char.IsControl);
        Assert.Contains("InvalidOperationException", text);
    }

    [Fact]
    public void A_line_for_machines_tells_the_trace_that_it_belongs_to()
    {
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();

        var line = JsonNode.Parse(Write("Production", "Stored {Key}.", exception: null, "x"))!;

        Assert.Contains(line["Scopes"]!.AsArray(), scope => scope!["TraceId"]?.GetValue<string>() == activity.TraceId.ToHexString());
    }

    // The formatter that the hosts of this environment write their console with.
    private static string Write(string environment, string message, Exception? exception, params object[] values)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.AddServiceDefaults();
        using var scopes = new Scopes();
        builder.Logging.AddProvider(scopes);
        using var services = builder.Services.BuildServiceProvider();
        services.GetRequiredService<ILoggerFactory>();
        var name = services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName;
        var formatter = services.GetServices<ConsoleFormatter>().Single(formatter => formatter.Name == name);
        using var text = new StringWriter();
        text.NewLine = "\n";
        var entry = new Entry(text, formatter, scopes.Provider, exception);
        entry.LogInformation(message, values);
        return text.ToString();
    }

    // The framework's own way from a template and its values to what a formatter gets.
    private sealed class Entry(StringWriter text, ConsoleFormatter formatter, IExternalScopeProvider scopes, Exception? failure) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> format) =>
            formatter.Write(new LogEntry<TState>(logLevel, "Tests", eventId, state, failure, format), scopes, text);
    }

    // What the host gives its loggers besides what is logged.
    private sealed class Scopes : ILoggerProvider, ISupportExternalScope
    {
        public IExternalScopeProvider Provider { get; private set; } = new LoggerExternalScopeProvider();

        public ILogger CreateLogger(string categoryName) => NullLogger.Instance;

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => Provider = scopeProvider;

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}

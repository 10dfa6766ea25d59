using System.Text.Json;
using System.Threading.Channels;
using Cqrs.AspNetCore.Http;
using Microsoft.AspNetCore.Http;

namespace Cqrs.AspNetCore.Files;

/// <summary>The outcome of a row.</summary>
internal enum RowOutcome
{
    Created,
    Updated,
    Skipped,
    Failed,
}

/// <summary>
/// Tells the caller how an import goes, in JSON lines, while it goes on. Reading the file never waits for the caller to read this: most clients send all
/// of it first. So that what waits for them stays small, errors beyond a number are counted and not listed.
/// </summary>
internal sealed class ImportReport(HttpResponse response)
{
    private const int RowsPerProgress = 1000;
    private const int MaxErrorsListed = 10_000;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    private readonly Channel<object> _lines = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _lock = new();
    private readonly long[] _outcomes = new long[Enum.GetValues<RowOutcome>().Length];
    private int _errorsListed;

    public void Add(RowOutcome outcome)
    {
        lock (_lock)
        {
            _outcomes[(int)outcome]++;
            if (Totals().Rows % RowsPerProgress == 0)
            {
                _lines.Writer.TryWrite(Progress());
            }
        }
    }

    /// <summary>A row that failed, with everything that is wrong with it.</summary>
    public void AddFailed(IEnumerable<RowError> errors)
    {
        List(errors);
        Add(RowOutcome.Failed);
    }

    /// <summary>Writes what there is to tell until <see cref="Complete"/> is called; something at least every second.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var hasMore = _lines.Reader.WaitToReadAsync(cancellationToken).AsTask();
            await Task.WhenAny(hasMore, Task.Delay(ProgressInterval, cancellationToken));
            if (!hasMore.IsCompleted)
            {
                _lines.Writer.TryWrite(Progress());
            }

            if (!await hasMore)
            {
                return;
            }

            while (_lines.Reader.TryRead(out var line))
            {
                await JsonSerializer.SerializeAsync(response.Body, line, ApiJson.Options, cancellationToken);
                await response.Body.WriteAsync("\n"u8.ToArray(), cancellationToken);
            }

            await response.Body.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Returns the last line.</summary>
    /// <param name="error">Why not all of the file was imported; null if it was.</param>
    /// <param name="syncing">How many accepted commands the read models do not show yet.</param>
    public ImportSummary Complete(string? error, long syncing)
    {
        lock (_lock)
        {
            var (rows, created, updated, skipped, failed) = Totals();
            var summary = new ImportSummary("summary", rows, created, updated, skipped, failed, _errorsListed, syncing, error is null, error);
            _lines.Writer.TryWrite(summary);
            _lines.Writer.Complete();
            return summary;
        }
    }

    /// <summary>Errors that are not of a row.</summary>
    public void List(IEnumerable<RowError> errors)
    {
        lock (_lock)
        {
            foreach (var error in errors.Take(MaxErrorsListed - _errorsListed))
            {
                _errorsListed++;
                _lines.Writer.TryWrite(new { type = "error", line = error.Line, field = error.Field, value = error.Value, reason = error.Reason });
            }
        }
    }

    private object Progress()
    {
        lock (_lock)
        {
            var (rows, created, updated, skipped, failed) = Totals();
            return new { type = "progress", rows, created, updated, skipped, failed };
        }
    }

    private (long Rows, long Created, long Updated, long Skipped, long Failed) Totals() =>
        (_outcomes.Sum(), _outcomes[0], _outcomes[1], _outcomes[2], _outcomes[3]);
}

/// <summary>The last line of an import's report.</summary>
/// <param name="Type">summary</param>
/// <param name="Rows">How many rows were read.</param>
/// <param name="Created">How many became new items.</param>
/// <param name="Updated">How many became new versions.</param>
/// <param name="Skipped">How many said nothing new.</param>
/// <param name="Failed">How many could not be imported.</param>
/// <param name="ErrorsListed">How many errors have a line of their own.</param>
/// <param name="Syncing">How many of the created and updated ones the read models do not show yet.</param>
/// <param name="Completed">Whether the file was read to its end.</param>
/// <param name="Error">Why it was not.</param>
public sealed record ImportSummary(
    string Type, long Rows, long Created, long Updated, long Skipped, long Failed, int ErrorsListed, long Syncing, bool Completed, string? Error);
